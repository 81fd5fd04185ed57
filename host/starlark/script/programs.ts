import { check, compile, type Diagnostic, type Program } from 'starlark-js';
import { maxSourceCharacters } from './limits.ts';
import { hinted, loadProblems } from './load-problems.ts';
import type { Script } from './script.ts';
import { universe } from './universe.ts';

export interface ReadScript {
  /** Everything found without running it, in order of appearance. */
  readonly diagnostics: readonly Diagnostic[];
  /** Null when one of them is an error. */
  readonly program: Program | null;
}

/** Programs hold no state of a run, and code that was inspected is the code that runs soon. */
const kept = new Map<string, ReadScript>();
const mostKept = 8;

/** The name of the file, as messages say it. */
export function fileOf({ name }: Pick<Script, 'name'>): string {
  return `${name}.star`;
}

/** Parses, resolves, checks and compiles a script; a second time it costs nothing. */
export function readScript(script: Script): ReadScript {
  const key = `${script.hash} ${script.name}`;
  const known = kept.get(key);
  if (known !== undefined) {
    // The last used stay.
    kept.delete(key);
    kept.set(key, known);
    return known;
  }
  const read = readAnew(script);
  kept.set(key, read);
  if (kept.size > mostKept) kept.delete(kept.keys().next().value!);
  return read;
}

function readAnew(script: Script): ReadScript {
  if (script.source.length > maxSourceCharacters) return { diagnostics: [tooLong(script)], program: null };
  const options = { file: fileOf(script), predeclared: universe };
  const found = check(script.source, options);
  const diagnostics = [...found.map((each) => hinted(each, script.source)), ...loadProblems(script)].sort(
    (a, b) => a.start - b.start,
  );
  if (diagnostics.some(({ severity }) => severity === 'error')) return { diagnostics, program: null };
  return { diagnostics, program: compile(script.source, options).program };
}

function tooLong(script: Script): Diagnostic {
  return {
    severity: 'error',
    code: 'SOURCE_SIZE',
    message: `the file has ${script.source.length} characters, and ${maxSourceCharacters} are the most`,
    hint: 'keep data in files/<name> or with kv, and read it when it is needed',
    file: fileOf(script),
    start: 0,
    end: 0,
    line: 1,
    column: 1,
    endLine: 1,
    endColumn: 1,
  };
}
