import type { Clock, EventName, Events } from '@clay/sdk';
import type { Router } from '../router/router.ts';
import type { UsageGroupSum } from '../store/usage-ledger.ts';
import { createInstruments, type Instruments } from './prometheus.ts';

/** What is read at the time of a scrape rather than counted. */
export interface MetricSources {
  readonly activeTurns: () => number;
  /** Since the start of the process. */
  readonly usageByModel: () => readonly UsageGroupSum[];
}

export interface RenderedMetrics {
  readonly contentType: string;
  readonly body: string;
}

/** So many observations wait for the library; then it is loaded although nobody has scraped yet. */
const mostPending = 1000;

/** Counts what happens in the host. The Prometheus library is loaded at the first scrape, not at the start. */
export class Metrics {
  readonly #clock: Clock;
  readonly #startedAt = new Map<string, number>();
  #pending: ((instruments: Instruments) => void)[] = [];
  #instruments: Promise<Instruments> | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts an open event stream; gives what ends it. */
  streamOpened(): () => void {
    this.#observe((to) => to.openStreams.inc());
    return () => this.#observe((to) => to.openStreams.dec());
  }

  /** Hears the host's own events. */
  hear<E extends EventName>(event: E, payload: Events[E]): void {
    if (event === 'turn.started') {
      this.#startedAt.set((payload as Events['turn.started']).turn, this.#clock.now());
    } else if (event === 'turn.ended') {
      const { turn, failed } = payload as Events['turn.ended'];
      const seconds = (this.#clock.now() - (this.#startedAt.get(turn) ?? this.#clock.now())) / 1000;
      this.#startedAt.delete(turn);
      this.#observe((to) => to.turns.observe({ outcome: failed ? 'failed' : 'done' }, seconds));
    }
  }

  toolCalled(tool: string, outcome: 'done' | 'failed', milliseconds: number): void {
    this.#observe((to) => to.toolCalls.observe({ tool, outcome }, milliseconds / 1000));
  }

  requestRefused(code: string): void {
    this.#observe((to) => to.refusals.inc({ code }));
  }

  async render(sources: MetricSources): Promise<RenderedMetrics> {
    const instruments = await this.#load();
    instruments.activeTurns.set(sources.activeTurns());
    instruments.modelCalls.reset();
    instruments.tokens.reset();
    for (const { name: model, ...sum } of sources.usageByModel()) {
      instruments.modelCalls.inc({ model }, sum.calls);
      instruments.tokens.inc({ model, kind: 'input' }, sum.inputTokens);
      instruments.tokens.inc({ model, kind: 'output' }, sum.outputTokens);
      instruments.tokens.inc({ model, kind: 'cache_read' }, sum.cacheReadTokens);
      instruments.tokens.inc({ model, kind: 'cache_write' }, sum.cacheWriteTokens);
    }
    return { contentType: instruments.contentType, body: await instruments.text() };
  }

  #observe(record: (instruments: Instruments) => void): void {
    this.#pending.push(record);
    if (this.#instruments !== null || this.#pending.length >= mostPending) void this.#load();
  }

  async #load(): Promise<Instruments> {
    this.#instruments ??= createInstruments();
    const instruments = await this.#instruments;
    const pending = this.#pending;
    this.#pending = [];
    for (const record of pending) record(instruments);
    return instruments;
  }
}

/** The same router, with its tool calls counted. */
export function countCalls(router: Router, metrics: Metrics, clock: Clock): Router {
  return {
    get active() {
      return router.active;
    },
    stream: (request) => router.stream(request),
    async call(request) {
      if (!request.capability.startsWith('tool:')) return router.call(request);
      const tool = request.capability.slice('tool:'.length);
      const startedAt = clock.now();
      try {
        const value = await router.call(request);
        metrics.toolCalled(tool, 'done', clock.now() - startedAt);
        return value;
      } catch (error) {
        metrics.toolCalled(tool, 'failed', clock.now() - startedAt);
        throw error;
      }
    },
  };
}
