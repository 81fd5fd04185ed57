import { isAbsolute } from 'node:path';

/** What a host tells its medic. Whatever else arrives is not a message, and does nothing. */
export type ToMedic =
  /** It holds the volume, whose data folder this is, and answers pings. `stopMs`: how long its stop may take. */
  | { readonly type: 'running'; readonly folder: string; readonly stopMs: number }
  | { readonly type: 'ready' }
  /** It was asked to stop. */
  | { readonly type: 'stopping' }
  /** It cannot start until a person changes something: to start it again would change nothing. */
  | { readonly type: 'refused' }
  | { readonly type: 'pong'; readonly id: number }
  | ({ readonly type: 'start-service' } & ServiceOrder)
  | { readonly type: 'stop-service'; readonly id: string };

/** What a medic tells its host. */
export type ToHost = { readonly type: 'ping'; readonly id: number } | ({ readonly type: 'service' } & ServiceNews);

/** A process to keep beside the host. */
export interface ServiceOrder {
  /** The host's own name for it. */
  readonly id: string;
  readonly command: readonly string[];
  /** All of its environment but for `PATH`, `HOME`, `LANG` and `TZ`. */
  readonly environment: Readonly<Record<string, string>>;
  /** Where it runs. */
  readonly folder: string;
}

/** `waiting`: it has ended and is started again after `retryMs`. `failed`: it ended too often, or could not be started. */
export type ServiceState = 'running' | 'waiting' | 'failed' | 'stopped';

export interface ServiceNews {
  readonly id: string;
  readonly state: ServiceState;
  readonly pid: number | null;
  /** One sentence; empty when there is nothing to tell. */
  readonly reason: string;
  /** The last of what it wrote. */
  readonly lastWords: string;
  readonly retryMs: number | null;
}

const longestStopMs = 600_000;
const longestName = 200;
const mostParts = 200;

/** Null for a line that is no message. */
export function parseToMedic(line: string): ToMedic | null {
  const value = parseObject(line);
  switch (value?.type) {
    case 'ready':
    case 'stopping':
    case 'refused':
      return { type: value.type };
    case 'running': {
      const { folder, stopMs } = value;
      if (typeof folder !== 'string' || !isAbsolute(folder)) return null;
      if (!isCount(stopMs) || stopMs > longestStopMs) return null;
      return { type: 'running', folder, stopMs };
    }
    case 'pong':
      return isCount(value.id) ? { type: 'pong', id: value.id } : null;
    case 'start-service':
      return parseOrder(value);
    case 'stop-service':
      return isName(value.id) ? { type: 'stop-service', id: value.id } : null;
    default:
      return null;
  }
}

/** Null for a line that is no message. */
export function parseToHost(line: string): ToHost | null {
  const value = parseObject(line);
  if (value?.type === 'ping') return isCount(value.id) ? { type: 'ping', id: value.id } : null;
  if (value?.type !== 'service') return null;
  const { id, state, pid, reason, lastWords, retryMs } = value;
  if (!isName(id) || !isState(state) || typeof reason !== 'string' || typeof lastWords !== 'string') return null;
  return {
    type: 'service',
    id,
    state,
    pid: isCount(pid) ? pid : null,
    reason,
    lastWords,
    retryMs: isCount(retryMs) ? retryMs : null,
  };
}

function parseOrder(value: Record<string, unknown>): ToMedic | null {
  const { id, command, environment, folder } = value;
  if (!isName(id) || typeof folder !== 'string' || !isAbsolute(folder)) return null;
  if (!Array.isArray(command) || command.length === 0 || command.length > mostParts) return null;
  if (!command.every(isPlain) || command[0] === '') return null;
  if (typeof environment !== 'object' || environment === null || Array.isArray(environment)) return null;
  const pairs = Object.entries(environment);
  if (pairs.length > mostParts || !pairs.every(([name, text]) => /^\w+$/.test(name) && isPlain(text))) return null;
  return { type: 'start-service', id, command, environment: Object.fromEntries(pairs), folder };
}

function parseObject(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= longestName;
}

/** What the operating system takes as an argument: a NUL would end it. */
function isPlain(value: unknown): value is string {
  return typeof value === 'string' && !value.includes('\0');
}

function isState(value: unknown): value is ServiceState {
  return value === 'running' || value === 'waiting' || value === 'failed' || value === 'stopped';
}
