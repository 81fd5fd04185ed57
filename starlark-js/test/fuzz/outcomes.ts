import type { Outcome } from '../peer/starlark-go.ts';
import { runSource } from '../peer/starlark-js.ts';

/** How one of our runs differs from the others: names as locals, names as globals, strings made of bytes. */
export type Way = 'in a function' | 'at top level' | 'with strings of bytes';

/** Bounds no generated program comes near, so that a runaway one is seen as a difference. */
const LIMITS = { steps: 20_000_000, bytes: 512 * 1024 * 1024, wallMs: 30_000 };

export function runOurs(source: string, way: Way): Outcome {
  return runSource(source, { dialect: way === 'with strings of bytes' ? 'bytes' : 'all', limits: LIMITS });
}

/** The same output and the same end, in what both implementations say alike. */
export function isSame(go: Outcome, ours: Outcome): boolean {
  return readable(go.output) === readable(ours.output) && isSameEnd(go, ours);
}

function isSameEnd(go: Outcome, ours: Outcome): boolean {
  if (go.error === null || ours.error === null) return go.error === ours.error;
  return go.error.line === ours.error.line && kind(go.error.message) === kind(ours.error.message);
}

/** The same but for values that `pattern` takes for each other. */
export function isSameBut(pattern: RegExp, go: Outcome, ours: Outcome): boolean {
  const masked = ({ output, error }: Outcome): Outcome => ({
    output: output.replaceAll(pattern, '#'),
    error: error && { ...error, message: error.message.replaceAll(pattern, '#') },
  });
  return isSame(masked(go), masked(ours));
}

/** The other went on where the first stopped: what the first had printed by then, the other had printed too. */
export function wentOn(other: Outcome, stopped: Outcome): boolean {
  if (stopped.error === null || !readable(other.output).startsWith(readable(stopped.output))) return false;
  return other.output !== stopped.output || other.error === null || other.error.line >= stopped.error.line;
}

/** Both stopped on one line, and had printed the same by then. */
export function stoppedTogether(go: Outcome, ours: Outcome): boolean {
  return go.error?.line === ours.error?.line && readable(go.output) === readable(ours.output);
}

/** Broken UTF-8 that starlark-go prints raw reaches us with one sign for several bytes. */
function readable(output: string): string {
  return output.replaceAll(/\ufffd+/g, '\ufffd');
}

/**
 * The part of a message that both must share. What may differ: a global is told from a local, a near name is offered
 * more often by us, the name of the built-in stands before the message or in it, a parameter is named or not, and the
 * two types that have no order come in the order in which the algorithm compared them.
 */
function kind(message: string): string {
  return message
    .replace(/^(?:local|global) variable (\S+) referenced/, 'variable $1 referenced')
    .replace(/ \(did you mean .*\?\)$/, '')
    .replace(/^[\w.]+: /, '')
    .replace(/^for parameter \S+: /, '')
    .replace(/^(?:excessive repeat|repeat count) .*/, 'too many elements')
    .replace(/^argument #\d+ is not iterable: (\w+)$/, 'got $1, want iterable')
    .replace(/^(\S+) [<>] (\S+) not implemented$/, (_, left: string, right: string) =>
      [left, right].sort().join(' and ').concat(' have no order'),
    );
}
