import { spawn, spawnSync } from 'node:child_process';

/** What one program did, in the terms both implementations share. */
export interface Outcome {
  readonly output: string;
  readonly error: Failure | null;
}

/** `line` is that of the innermost frame of the program, counted from the first line of the program. */
export interface Failure {
  readonly message: string;
  readonly line: number;
  readonly column: number;
  /** The whole text that a person sees. */
  readonly report: string;
}

const DIALECT_FLAGS = ['-recursion', '-globalreassign'];
const ARITY = /^function \S+ (?:accepts|got|missing) /;
const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;
/** Address space, of which Go takes up to six gigabytes before it begins. */
const MAX_ADDRESS_SPACE_KB = 8 * 1024 * 1024;

/** Runs one file in a process of its own, with the dialect of the specification or with every option on. */
export function runFile(starlark: string, file: string, dialect: 'strict' | 'all', cwd?: string): Outcome {
  const flags = dialect === 'all' ? DIALECT_FLAGS : [];
  const result = spawnSync(starlark, [...flags, file], {
    encoding: 'utf8',
    maxBuffer: MAX_OUTPUT_BYTES,
    ...(cwd === undefined ? {} : { cwd }),
  });
  if (result.error) throw new Error(`cannot run ${starlark}`, { cause: result.error });
  if (result.status === 0) return { output: result.stderr, error: null };
  return splitFailure(result.stderr);
}

/** The process ended before it had run every program: one of them exhausted it. */
export class PeerDied extends Error {}

/**
 * Runs many programs in one process. Without a file the command reads chunks from standard input and survives the
 * error of each, so that a program costs microseconds instead of a process. Each program is a list of chunks without
 * empty lines; a line number counts from the first line of the chunk it belongs to.
 */
export async function runChunks(starlark: string, programs: readonly (readonly string[])[]): Promise<Outcome[]> {
  // A repetition of a repetition takes more memory than the machine has, and others run on it.
  const bounded = `ulimit -v ${MAX_ADDRESS_SPACE_KB} 2>/dev/null; exec "$0" "$@"`;
  const child = spawn('/bin/sh', ['-c', bounded, starlark, ...DIALECT_FLAGS], { stdio: ['pipe', 'ignore', 'pipe'] });
  const received: Buffer[] = [];
  let size = 0;
  child.stderr.on('data', (data: Buffer) => {
    received.push(data);
    size += data.length;
    if (size > MAX_OUTPUT_BYTES) child.kill();
  });
  const closed = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const mark = `\u0001${Math.random().toString(36).slice(2)}\u0001`;
  for (const chunks of programs) {
    for (const chunk of chunks) child.stdin.write(`${chunk}\n\n`);
    child.stdin.write(`print("${mark.replaceAll('\u0001', '\\x01')}")\n`);
  }
  // When the child is killed for its output, what is left to write fails; the missing answers are told below.
  child.stdin.on('error', () => {});
  child.stdin.end();
  const code = await closed;
  const parts = Buffer.concat(received).toString('utf8').split(`${mark}\n`);
  if (parts.length !== programs.length + 1) {
    throw new PeerDied(
      `starlark-go answered ${parts.length - 1} of ${programs.length} programs (exit ${code}): ${parts.at(-1)?.slice(0, 1000)}`,
    );
  }
  return parts.slice(0, -1).map(splitFailure);
}

/** Separates what a program printed from the traceback or static error that ended it. */
function splitFailure(text: string): Outcome {
  // The report is the last of the text: a message may itself end in an empty line.
  const traceback =
    /^Traceback \(most recent call last\):\n((?: {2}.*\n)+)Error(?: in \S+)?: ([\s\S]*)\n(?![\s\S])/m.exec(text);
  const fixed = /^(?:[^\s:]+|<stdin>):(\d+):(\d+): (.*)\n/m.exec(text);
  // After a chunk that cannot be parsed the rest of it is read as chunks of its own: only the first error counts.
  if (traceback && !(fixed && fixed.index < traceback.index)) {
    const frames = [...traceback[1]!.matchAll(/^ {2}\S+?:(\d+):(\d+): in /gm)];
    const message = traceback[2]!;
    // A call that does not fit its function fails inside the function; the line that matters is the caller's.
    const inner = frames.at(ARITY.test(message) ? -2 : -1);
    return failure(text, traceback.index, message, inner?.[1], inner?.[2]);
  }
  if (fixed) return failure(text, fixed.index, fixed[3]!, fixed[1], fixed[2]);
  return { output: text, error: null };
}

function failure(text: string, start: number, message: string, line?: string, column?: string): Outcome {
  const error = { message, line: Number(line ?? 0), column: Number(column ?? 0), report: text.slice(start) };
  return { output: text.slice(0, start), error };
}
