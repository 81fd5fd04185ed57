import type { FunctionCode } from './compile/function-code.ts';
import type { PositionTable } from './compile/positions.ts';
import { excerpt, locate } from './diagnostic.ts';
import { type Frame, StarlarkError } from './errors.ts';
import type { Source } from './syntax/source.ts';

/** What the frames of a program's generated code are translated by. */
export interface Listing {
  readonly source: Source;
  readonly positions: PositionTable;
  readonly functions: ReadonlyMap<number, FunctionCode>;
}

const PREFIX = 'starlark:';
/** Deeper stacks lose their outermost frames. */
const MOST_FRAMES = 5_000;

const listings = new Map<string, WeakRef<Listing>>();
const forget = new FinalizationRegistry<string>((name) => listings.delete(name));
let nextListing = 1;

/** Gives generated code a file name of its own by which its frames are found. The owner keeps the listing alive. */
export function register(listing: Listing): string {
  const name = `${PREFIX}${nextListing++}`;
  listings.set(name, new WeakRef(listing));
  forget.register(listing, name);
  return name;
}

/** One frame as V8 tells it. */
interface Site {
  readonly script: string;
  readonly functionName: string;
  readonly column: number;
}

/** Runs `body` with stacks recorded as deep as programs call. */
export function withDeepStacks<T>(body: () => T): T {
  const before = Error.stackTraceLimit;
  if (before === MOST_FRAMES) return body();
  Error.stackTraceLimit = MOST_FRAMES;
  try {
    return body();
  } finally {
    Error.stackTraceLimit = before;
  }
}

function sitesOf(error: Error): Site[] {
  const before = Error.prepareStackTrace;
  Error.prepareStackTrace = (_, sites) => sites;
  const stack: unknown = error.stack;
  Error.prepareStackTrace = before;
  if (Array.isArray(stack)) {
    return (stack as NodeJS.CallSite[]).flatMap((site) => {
      const script = site.getFileName();
      if (script === null || script === undefined || !script.startsWith(PREFIX)) return [];
      return [{ script, functionName: site.getFunctionName() ?? '', column: site.getColumnNumber() ?? 1 }];
    });
  }
  // Somebody has looked at the stack before, which made it text for good.
  const pattern = /at (?:(.*?) )?\(?(starlark:\d+):1:(\d+)\)?$/gm;
  return [...String(stack).matchAll(pattern)].map((match) => ({
    script: match[2]!,
    functionName: match[1] ?? '',
    column: Number(match[3]),
  }));
}

function nameOf(site: Site, listing: Listing): string {
  const id = /(?:^|[ .*])f(\d+)_/.exec(site.functionName)?.[1];
  return id === undefined ? '<toplevel>' : (listing.functions.get(Number(id))?.name ?? '<toplevel>');
}

/** The open calls, and the built-in that the innermost one had called when the error came. */
function framesOf(error: Error): { readonly frames: Frame[]; readonly builtin: string | null } {
  const frames: Frame[] = [];
  let builtin: string | null = null;
  for (const site of sitesOf(error)) {
    const listing = listings.get(site.script)?.deref();
    const span = listing?.positions.find(site.column - 1);
    if (listing === undefined || span === null || span === undefined) continue;
    if (frames.length === 0) builtin = span.callee;
    const { file, line, column, endLine, endColumn } = locate(listing.source, span.start, span.end);
    const sourceLine = listing.source.lineText(line);
    frames.push({ function: nameOf(site, listing), file, line, column, endLine, endColumn, sourceLine });
  }
  return { frames: frames.reverse(), builtin };
}

/** The function that runs now, as `file:line name`; null when the nearest frames are none of a program. */
export function currentFunction(): string | null {
  const before = Error.stackTraceLimit;
  Error.stackTraceLimit = 12;
  const here = new Error();
  Error.stackTraceLimit = before;
  const site = sitesOf(here)[0];
  const listing = site === undefined ? undefined : listings.get(site.script)?.deref();
  if (site === undefined || listing === undefined) return null;
  const id = /(?:^|[ .*])f(\d+)_/.exec(site.functionName)?.[1];
  const code = id === undefined ? undefined : listing.functions.get(Number(id));
  if (code === undefined) return `<toplevel> (${listing.source.name})`;
  return `${code.name} (${code.file}:${code.line})`;
}

/** Whatever a program failed with, as an error of the program that knows its open calls. */
export function explain(error: unknown): StarlarkError {
  if (error instanceof StarlarkError) {
    if (error.backtrace.length === 0) locateIn(error, error);
    return error;
  }
  const translated = translate(error);
  if (error instanceof Error) locateIn(translated, error);
  return translated;
}

function locateIn(error: StarlarkError, thrown: Error): void {
  const { frames, builtin } = framesOf(thrown);
  error.backtrace = frames;
  const own = error.code === 'ATTRIBUTE' || error.code.startsWith('LIMIT_') || error.code === 'CANCELLED';
  error.builtin = own ? null : builtin;
}

/** V8's own limits become limits of the program; anything else is a fault of a host function or of this package. */
function translate(error: unknown): StarlarkError {
  const options = { cause: error };
  if (error instanceof RangeError) {
    if (/call stack/.test(error.message))
      return new StarlarkError('LIMIT_DEPTH', 'stack overflow: too many calls are open at one time', [], options);
    if (/size|length|BigInt/i.test(error.message))
      return new StarlarkError('LIMIT_BYTES', `a value is too large: ${error.message}`, [], options);
  }
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new StarlarkError('INTERNAL', message, [], options);
}

/**
 * The text of an error: every open call with its source line and a caret, the message, and the notes.
 *
 * @example
 * try {
 *   compile('x = 1 // 0\n', { file: 'a.star' }).program!.run(new Thread());
 * } catch (error) {
 *   if (error instanceof StarlarkError) console.error(renderError(error));
 * }
 */
export function renderError(error: StarlarkError): string {
  const lines = error.backtrace.length === 0 ? [] : ['Traceback (most recent call last):'];
  for (const frame of shortened(error.backtrace)) {
    if (typeof frame === 'string') {
      lines.push(`  ${frame}`);
      continue;
    }
    lines.push(`  ${frame.file}:${frame.line}:${frame.column}: in ${frame.function}`);
    const place = { ...frame, start: 0, end: 0 };
    const source = { name: frame.file, position: () => frame, lineText: () => frame.sourceLine };
    lines.push(...excerpt(place, source).map((line) => `    ${line}`));
  }
  lines.push(`Error${error.builtin === null ? '' : ` in ${error.builtin}`}: ${error.message}`);
  for (const note of error.notes) lines.push(`  note: ${note}`);
  if (error.hottest.length > 0) lines.push('  hottest functions:');
  for (const { function: name, share } of error.hottest) lines.push(`    ${Math.round(share * 100)} % ${name}`);
  return lines.join('\n');
}

const SHOWN = 20;

/** Recursion leaves thousands of frames; the ends tell the story. */
function shortened(frames: readonly Frame[]): (Frame | string)[] {
  if (frames.length <= 2 * SHOWN) return [...frames];
  const hidden = frames.length - 2 * SHOWN;
  return [...frames.slice(0, SHOWN), `… ${hidden} more calls …`, ...frames.slice(-SHOWN)];
}
