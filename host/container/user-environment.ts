import { type Environment, loadConfig } from '../config/load.ts';

/** What was taken of the user's file, and what was not, with its line and the reason. */
export interface UserEnvironment {
  readonly values: Readonly<Record<string, string>>;
  readonly problems: readonly string[];
}

/**
 * All that the file may set: it lies where the agent can write. No secret, no address, no path, nothing that says who may
 * talk to the claw or what the claw may do.
 */
export const userNames: ReadonlySet<string> = new Set([
  'ANTHROPIC_MODEL',
  'GEMINI_MODEL',
  'MODEL_PROVIDER',
  'CLAY_MAX_TOKENS',
  'CLAY_THINKING_TOKENS',
  'HEARTBEAT_INTERVAL',
  'CHAT_CONNECTOR',
  'CLAY_LOG_LEVEL',
  'CLAY_TIME_ZONE',
  'TZ',
  'LANG',
]);

const longestFile = 65_536;
const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\', $: '$' };

interface Line {
  readonly number: number;
  readonly name: string;
  readonly value: string;
}

/**
 * Reads `data/.env`: `NAME=VALUE` lines, as a shell would write them, but nothing is ever run. Never throws: a claw starts
 * whatever stands in the file.
 */
export function readUserEnvironment(text: string, env: Environment): UserEnvironment {
  const problems: string[] = [];
  const values: Record<string, string> = {};
  if (text.length > longestFile)
    return { values, problems: [`It is ${text.length} characters long; at most ${longestFile} are read.`] };
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    const read = parseLine(line, index + 1);
    if (read === null) continue;
    if (typeof read === 'string') problems.push(`line ${index + 1}: ${read}`);
    else {
      const problem = judge(read, env);
      if (problem === null) values[read.name] = read.value;
      else problems.push(`line ${read.number}: ${problem}`);
    }
  }
  const together = problemOf({ ...env, ...values });
  if (together === null || problemOf(env) !== null) return { values, problems };
  return { values: {}, problems: [...problems, `All of it is left out, as it does not fit together: ${together}`] };
}

/** Null: nothing stands there. A text: what is wrong. */
function parseLine(line: string, number: number): Line | string | null {
  const trimmed = line.trim();
  if (trimmed === '' || trimmed.startsWith('#')) return null;
  const match = /^(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*)$/.exec(trimmed);
  if (match === null) return 'is no NAME=VALUE.';
  const [, name = '', rest = ''] = match;
  const value = parseValue(rest);
  if (value === null) return `the value of ${name} has a quote that does not end, or something behind its end.`;
  if (value.includes('\0')) return `the value of ${name} has a NUL in it.`;
  return { number, name, value };
}

function parseValue(text: string): string | null {
  const single = /^'([^']*)'\s*(?:#.*)?$/.exec(text);
  if (single !== null) return single[1] ?? '';
  const double = /^"((?:[^"\\]|\\.)*)"\s*(?:#.*)?$/.exec(text);
  if (double !== null) return (double[1] ?? '').replace(/\\(.)/g, (whole, char: string) => escapes[char] ?? whole);
  return /^['"]/.test(text) ? null : text.replace(/\s+#.*$/, '').trim();
}

function judge({ name, value }: Line, env: Environment): string | null {
  if (!userNames.has(name))
    return `${name} is not taken from this file. Taken are ${[...userNames].join(', ')}; everything else is set by the operator.`;
  if (name === 'LANG') return /^[\w.@-]*$/.test(value) ? null : 'LANG is no locale, such as C.UTF-8.';
  if (name === 'TZ') return isTimeZone(value) ? null : 'TZ is no time zone, such as Europe/Berlin.';
  // What the operator has set wrong is told by the start.
  return problemOf(env) === null ? problemOf({ ...env, [name]: value }) : null;
}

function problemOf(env: Environment): string | null {
  try {
    loadConfig({ env, defaultRoot: '/app', isTerminal: false });
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function isTimeZone(value: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: value });
    return true;
  } catch {
    return false;
  }
}
