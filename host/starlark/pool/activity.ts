import type { HostMessage, PluginMessage } from '@clay/sdk/wire';

/** Reads along on a script's channel: whether its own code can be running, or only waits for the host. */
export class Activity {
  readonly #calls = new Map<string, { isAcked: boolean; readonly waitsFor: Set<number> }>();
  /** What is asked of the host outside of calls. */
  readonly #others = new Set<number>();
  /** Calls by what they have asked of the host; null for what no call has asked. */
  readonly #requests = new Map<number, string | null>();
  /** Steps that were begun and are not through; `setup` is one. */
  #steps = 0;

  get openCalls(): number {
    return this.#calls.size;
  }

  get openRequests(): number {
    return this.#requests.size;
  }

  /** Its code may be what runs now: some call or step of it waits for nothing. */
  get isRunning(): boolean {
    if (this.#steps > 0 && this.#others.size === 0) return true;
    return [...this.#calls.values()].some(({ isAcked, waitsFor }) => isAcked && waitsFor.size === 0);
  }

  sent(message: HostMessage): void {
    switch (message.type) {
      case 'setup':
      case 'live':
      case 'commit':
      case 'grant':
      case 'revoke':
        this.#steps += 1;
        break;
      case 'answer':
        this.#settle(message.id);
        break;
      case 'call':
        this.#calls.set(message.id, { isAcked: false, waitsFor: new Set() });
        break;
      case 'hello':
      case 'cancel':
      case 'credit':
      case 'ping':
      case 'drain':
        break;
    }
  }

  received(message: PluginMessage): void {
    switch (message.type) {
      case 'ready':
        this.#stepped();
        break;
      case 'done':
        // The drain of a script is the end of its calls: nothing of its own.
        if (message.step !== 'drain') this.#stepped();
        break;
      case 'fault':
        this.#steps = 0;
        break;
      case 'ack': {
        const call = this.#calls.get(message.id);
        if (call !== undefined) call.isAcked = true;
        break;
      }
      case 'reply':
        this.#calls.delete(message.id);
        break;
      case 'request':
        this.#requests.set(message.id, message.call);
        this.#waitersOf(message.call)?.add(message.id);
        break;
      case 'abort':
        this.#settle(message.id);
        break;
      case 'hello':
      case 'progress':
      case 'item':
      case 'log':
      case 'pong':
        break;
    }
  }

  // A lane may tell anything: more steps through than were begun are none.
  #stepped(): void {
    this.#steps = Math.max(0, this.#steps - 1);
  }

  #settle(id: number): void {
    const call = this.#requests.get(id);
    if (call === undefined) return;
    this.#requests.delete(id);
    this.#waitersOf(call)?.delete(id);
  }

  #waitersOf(call: string | null): Set<number> | undefined {
    return call === null ? this.#others : this.#calls.get(call)?.waitsFor;
  }
}
