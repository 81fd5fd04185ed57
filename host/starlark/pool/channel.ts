import type { Clock } from '@clay/sdk';
import type { HostMessage, PluginMessage } from '@clay/sdk/wire';
import type { BuildLife } from '../../generations/build.ts';
import { LineWatch } from '../../process/line-watch.ts';
import { ChannelPort } from '../lane/channel-port.ts';
import type { Script } from '../script/script.ts';
import { Activity } from './activity.ts';
import type { LaneLimits } from './lane-limits.ts';

export interface ChannelOptions {
  readonly script: Script;
  readonly life: BuildLife;
  readonly clock: Clock;
  readonly limits: LaneLimits;
  readonly send: (message: HostMessage) => void;
  /** The host has closed it. */
  readonly onClose: () => void;
  /** It says or asks more than is borne. */
  readonly onFlood: (cause: string) => void;
}

/** The host's end of one life of a script in a lane. */
export class Channel {
  readonly script: Script;
  readonly life: BuildLife;
  readonly watch: LineWatch;
  readonly port: ChannelPort<HostMessage, PluginMessage>;
  readonly openedAt: number;
  /** Nothing of it is left in the lane. */
  readonly gone: Promise<void>;
  readonly #options: ChannelOptions;
  readonly #activity = new Activity();
  #resolveGone!: () => void;
  #second = { at: 0, messages: 0 };
  #isClosing = false;

  constructor(options: ChannelOptions) {
    const { script, life, clock, send, onClose } = options;
    this.#options = options;
    this.script = script;
    this.life = life;
    this.watch = new LineWatch(clock);
    this.openedAt = clock.now();
    this.gone = new Promise((resolve) => {
      this.#resolveGone = resolve;
    });
    this.port = new ChannelPort<HostMessage, PluginMessage>(
      (message) => {
        // What cannot be sent was not sent: it throws before it is taken note of.
        send(message);
        this.watch.sent(message);
        this.#activity.sent(message);
      },
      () => {
        this.#isClosing = true;
        onClose();
      },
    );
  }

  /** The host has ended this life: its end is no news any more. */
  get isClosing(): boolean {
    return this.#isClosing;
  }

  get openCalls(): number {
    return this.#activity.openCalls;
  }

  /** Its code may be what the lane runs. */
  get isRunning(): boolean {
    return this.#activity.isRunning;
  }

  deliver(message: PluginMessage): void {
    const isAsked = this.watch.received(message);
    this.#activity.received(message);
    if (!isAsked && !this.#isBorne()) return;
    this.port.deliver(message);
  }

  release(): void {
    this.#resolveGone();
  }

  #isBorne(): boolean {
    const { clock, limits, onFlood } = this.#options;
    const now = clock.now();
    if (now - this.#second.at >= 1_000) this.#second = { at: now, messages: 0 };
    this.#second.messages += 1;
    const subject = `the script "${this.script.name}"`;
    if (this.#second.messages > limits.messagesPerSecond)
      onFlood(`${subject} sent more than ${limits.messagesPerSecond} messages in a second that nobody had asked for`);
    else if (this.#activity.openRequests > limits.openRequests)
      onFlood(`${subject} asked for more than ${limits.openRequests} host functions at a time`);
    else return true;
    return false;
  }
}
