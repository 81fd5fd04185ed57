import { StarlarkError } from '../errors.ts';

/** A compiled pattern of the host's engine. Positions are UTF-16 offsets. */
export interface CompiledPattern {
  /** How many groups the pattern has, without the whole match. */
  readonly groupCount: number;
  /** The names of named groups by their number. */
  readonly groupNames: ReadonlyMap<number, string>;
  /**
   * The first match at or after `start`: start and end of the whole, then of each group, -1 for a group that took no
   * part; null when there is none. Must take time linear in the text.
   */
  match(text: string, start: number): readonly number[] | null;
}

/** A linear-time engine with RE2's syntax and meaning. Throws an `Error` that tells what is wrong with a pattern. */
export interface RegexEngine {
  compile(pattern: string): CompiledPattern;
}

/** What the running program gets from its host. */
export interface Services {
  /** Receives each text that `print` writes, without a line end. */
  print(text: string): void;
  /** Nanoseconds since 1970-01-01 UTC. */
  now(): bigint;
  readonly regex: RegexEngine | null;
}

const none: Services = {
  print() {
    throw new StarlarkError('HOST', 'print: the host gave no place to print to');
  },
  now() {
    throw new StarlarkError('HOST', 'time.now: the host gave no clock');
  },
  regex: null,
};

let current = none;

/** Sets the services of the program that runs from now on and gives those to go back to. */
export function useServices(services: Services): Services {
  const previous = current;
  current = services;
  return previous;
}

export function services(): Services {
  return current;
}
