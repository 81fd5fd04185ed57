import type { Counter, Gauge, Histogram } from 'prom-client';

/** Clay's own metrics; the process's (memory, event-loop delay, garbage collection) come with the library. */
export interface Instruments {
  readonly contentType: string;
  readonly turns: Histogram<'outcome'>;
  readonly activeTurns: Gauge;
  readonly modelCalls: Counter<'model'>;
  readonly tokens: Counter<'model' | 'kind'>;
  readonly toolCalls: Histogram<'tool' | 'outcome'>;
  readonly openStreams: Gauge;
  readonly refusals: Counter<'code'>;
  text(): Promise<string>;
}

const turnSeconds = [0.01, 0.05, 0.25, 1, 5, 15, 60, 300, 1800];
const toolSeconds = [0.001, 0.01, 0.1, 0.5, 2, 10, 60];

/** Prometheus' text format. A registry of its own, so that two hosts in one process do not meet. */
export async function createInstruments(): Promise<Instruments> {
  // A CommonJS package: in a bundle only its default export can be imported at run time.
  const { default: prometheus } = await import('prom-client');
  const { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } = prometheus;
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 50 });
  return {
    contentType: registry.contentType,
    turns: new Histogram({
      name: 'clay_turn_duration_seconds',
      help: 'Turns that ended, by outcome.',
      labelNames: ['outcome'],
      buckets: turnSeconds,
      registers,
    }),
    activeTurns: new Gauge({ name: 'clay_turns_active', help: 'Turns that run or wait.', registers }),
    modelCalls: new Counter({
      name: 'clay_model_calls_total',
      help: 'Model calls since the start.',
      labelNames: ['model'],
      registers,
    }),
    tokens: new Counter({
      name: 'clay_model_tokens_total',
      help: 'Tokens since the start, by model and kind.',
      labelNames: ['model', 'kind'],
      registers,
    }),
    toolCalls: new Histogram({
      name: 'clay_tool_call_duration_seconds',
      help: 'Tool calls, by tool and outcome.',
      labelNames: ['tool', 'outcome'],
      buckets: toolSeconds,
      registers,
    }),
    openStreams: new Gauge({ name: 'clay_event_streams_open', help: 'Open event streams.', registers }),
    refusals: new Counter({
      name: 'clay_requests_refused_total',
      help: 'Requests refused at the door, by reason.',
      labelNames: ['code'],
      registers,
    }),
    text: () => registry.metrics(),
  };
}
