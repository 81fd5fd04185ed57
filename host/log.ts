import type { Clock, JsonObject, Log } from '@clay/sdk';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

const ranks: Record<LogLevel, number> = { debug: 10, info: 20, warn: 30, error: 40 };

export interface LogOptions {
  readonly level: LogLevel;
  /** `json`: one object a line. `text`: for a person at a terminal. */
  readonly format: 'json' | 'text';
  readonly write: (line: string) => void;
  readonly clock: Clock;
}

/** Makes a log; `fields` go with every line. Secrets are redacted by the caller's `write`. */
export function createLog(options: LogOptions, fields: JsonObject = {}): Log {
  const threshold = ranks[options.level];
  const line = (level: LogLevel, event: string, more?: JsonObject) => {
    if (ranks[level] < threshold) return;
    const time = new Date(options.clock.now()).toISOString();
    const all = { ...fields, ...more };
    options.write(
      options.format === 'json'
        ? JSON.stringify({ time, level, event, ...all })
        : `${time.slice(11, 19)} ${level.padEnd(5)} ${event}${formatFields(all)}`,
    );
  };
  return {
    debug: (event, more) => line('debug', event, more),
    info: (event, more) => line('info', event, more),
    warn: (event, more) => line('warn', event, more),
    error: (event, more) => line('error', event, more),
  };
}

function formatFields(fields: JsonObject): string {
  return Object.entries(fields)
    .map(([key, value]) => ` ${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join('');
}
