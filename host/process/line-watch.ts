import type { Clock } from '@clay/sdk';
import type { Fault, HostMessage, PluginMessage } from '@clay/sdk/wire';

/** How far a child's life has come: imports its code · runs `setup` · answers probes · serves · lets its last calls end. */
export type ChildPhase = 'load' | 'setup' | 'staged' | 'live' | 'draining';

/** A call that the child had been sent and had not answered. */
export interface UnansweredCall {
  readonly id: string;
  readonly capability: string;
  /** Whether its handler had begun. */
  readonly isAcked: boolean;
  readonly ageMs: number;
}

/** Reads along on a line, so that a death can tell what was going on. */
export class LineWatch {
  readonly #clock: Clock;
  readonly #open = new Map<string, { readonly capability: string; readonly sentAt: number; isAcked: boolean }>();
  #phase: ChildPhase = 'load';
  #fault: Fault | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get phase(): ChildPhase {
    return this.#phase;
  }

  /** What the child itself said of its end. */
  get fault(): Fault | null {
    return this.#fault;
  }

  unanswered(): readonly UnansweredCall[] {
    const now = this.#clock.now();
    return [...this.#open].map(([id, { capability, sentAt, isAcked }]) => ({
      id,
      capability,
      isAcked,
      ageMs: now - sentAt,
    }));
  }

  sent(message: HostMessage): void {
    if (message.type === 'call') {
      this.#open.set(message.id, { capability: message.capability, sentAt: this.#clock.now(), isAcked: false });
    } else if (message.type === 'live') {
      this.#phase = 'live';
    } else if (message.type === 'drain' && this.#phase !== 'load' && this.#phase !== 'setup') {
      this.#phase = 'draining';
    }
  }

  /** Takes note of a message; whether the host had asked for it, which bounds how many of its kind can come. */
  received(message: PluginMessage): boolean {
    switch (message.type) {
      case 'hello':
        if (this.#phase === 'load') this.#phase = 'setup';
        return false;
      case 'ready':
        if (this.#phase === 'setup') this.#phase = 'staged';
        return false;
      case 'ack': {
        const call = this.#open.get(message.id);
        if (call === undefined || call.isAcked) return false;
        call.isAcked = true;
        return true;
      }
      case 'reply':
        return this.#open.delete(message.id);
      case 'fault':
        this.#fault ??= message;
        return false;
      case 'done':
      case 'progress':
      case 'item':
      case 'request':
      case 'abort':
      case 'log':
      case 'pong':
        return false;
    }
  }
}
