import { ClayError, type Clock, type PluginDefinition, type Schema, toFailure } from '@clay/sdk';
import { runPlugin } from '@clay/sdk/runtime';
import type { HostMessage, PluginMessage, Port } from '@clay/sdk/wire';
import type { ScriptReport } from '../script/report.ts';
import type { Script } from '../script/script.ts';
import { ChannelPort } from './channel-port.ts';
import { FairQueue } from './fair-queue.ts';
import { type FromLane, onChannel, type ToLane } from './lane-message.ts';

export interface RunLaneOptions {
  readonly clock: Clock;
  /** Makes a plugin of a script. */
  readonly define: (script: Script) => PluginDefinition<Schema>;
  readonly inspect: (script: Script, signal: AbortSignal) => Promise<ScriptReport>;
}

/** Serves the host at a lane's end of the line: many scripts, each as a plugin on a channel of its own. */
export function runLane(line: Port<FromLane, ToLane>, options: RunLaneOptions): void {
  new LaneRuntime(line, options).start();
}

class LaneRuntime {
  readonly #line: Port<FromLane, ToLane>;
  readonly #options: RunLaneOptions;
  readonly #channels = new Map<number, ChannelPort<PluginMessage, HostMessage>>();
  readonly #waiting = new FairQueue<HostMessage>();
  readonly #inspections = new Map<number, AbortController>();
  #isTurning = false;
  #turn = -1;

  constructor(line: Port<FromLane, ToLane>, options: RunLaneOptions) {
    this.#line = line;
    this.#options = options;
  }

  start(): void {
    this.#line.receive((message) => this.#handle(message));
    this.#line.send({ type: 'ready' });
  }

  #handle(message: ToLane): void {
    switch (message.type) {
      case 'open':
        this.#open(message.channel, message.script);
        break;
      case 'close':
        this.#close(message.channel);
        break;
      case 'channel':
        this.#waiting.push(message.channel, message.message);
        if (!this.#isTurning) this.#turnLoop();
        break;
      case 'inspect':
        this.#inspect(message.id, message.script);
        break;
      case 'cancel':
        this.#inspections.get(message.id)?.abort(new ClayError('CANCELLED', 'The host cancelled the inspection.'));
        break;
      case 'ping':
        this.#line.send({ type: 'pong', id: message.id, rssBytes: process.memoryUsage.rss() });
        break;
    }
  }

  #open(channel: number, script: Script): void {
    const port = new ChannelPort<PluginMessage, HostMessage>(
      (message) => this.#line.send(onChannel(channel, message)),
      () => this.#release(channel),
    );
    this.#channels.set(channel, port);
    try {
      runPlugin(this.#options.define(script), port, { clock: this.#options.clock });
    } catch (thrown) {
      port.send({ type: 'fault', phase: 'load', failure: toFailure(thrown), location: null });
    }
  }

  /**
   * Hands over one message in each turn of the loop: it may make a script compute for as long as that is allowed to, and
   * the host's pings have to be read before the next one does.
   */
  #turnLoop(): void {
    this.#isTurning = true;
    setImmediate(() => {
      const next = this.#waiting.shift();
      if (next === undefined) {
        this.#isTurning = false;
        return;
      }
      this.#deliver(next.key, next.item);
      this.#turnLoop();
    });
  }

  /** What is in flight for a channel that is gone means nothing any more. */
  #deliver(channel: number, message: HostMessage): void {
    const port = this.#channels.get(channel);
    if (port === undefined) return;
    if (runsCode(message) && this.#turn !== channel) {
      this.#turn = channel;
      this.#line.send({ type: 'turn', channel });
    }
    port.deliver(message);
  }

  #close(channel: number): void {
    this.#channels.get(channel)?.end(null);
    this.#release(channel);
  }

  /** Tells the host once the runtime has heard that its line is gone, which takes no more than microtasks. */
  #release(channel: number): void {
    this.#channels.delete(channel);
    this.#waiting.drop(channel);
    this.#options.clock.after(0, () => this.#line.send({ type: 'closed', channel }));
  }

  async #inspect(id: number, script: Script): Promise<void> {
    const controller = new AbortController();
    this.#inspections.set(id, controller);
    try {
      this.#line.send({ type: 'inspected', id, report: await this.#options.inspect(script, controller.signal) });
    } catch (thrown) {
      this.#line.send({ type: 'inspected', id, failure: toFailure(thrown) });
    } finally {
      this.#inspections.delete(id);
    }
  }
}

/** Whether a message makes code of a script run. The others are answered by the runtime, or by nobody. */
function runsCode(message: HostMessage): boolean {
  switch (message.type) {
    case 'setup':
    case 'live':
    case 'commit':
    case 'call':
    case 'cancel':
    case 'answer':
    case 'grant':
    case 'revoke':
    case 'drain':
      return true;
    case 'hello':
    case 'credit':
    case 'ping':
      return false;
  }
}
