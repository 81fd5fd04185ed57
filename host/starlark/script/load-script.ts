import { EffectRefused, loadModule, refusedEffects } from '@clay/starlark-stdlib';
import { type Module, type Program, parseDocstring, StarlarkFunction } from 'starlark-js';
import { Declarations } from './declarations.ts';
import { whileLoading } from './declaring-functions.ts';
import { descriptionOf } from './description.ts';
import { Execution } from './execution.ts';
import { findCause } from './find-cause.ts';
import { loadLimits } from './limits.ts';
import type { Script } from './script.ts';

/** A file after its top level has run without effects: frozen, and shared by all its calls. */
export interface LoadedScript {
  readonly script: Script;
  readonly program: Program;
  /** Null when the file has to be run anew at every call, as the original ran all its files. */
  readonly module: Module | null;
  readonly description: string;
  readonly run: RunLevel;
  readonly declarations: Declarations;
  /** What the top level printed: it stands before the output of every call. */
  readonly output: string;
}

/**
 * `none`: no `run`, and something else declared. `original`: `run(args)` with one dict. `typed`: a `run` with parameters of
 * its own. `top`: the file itself is what is run.
 */
export type RunLevel = 'none' | 'original' | 'typed' | 'top';

function firstParagraph(docstring: string | null): string {
  return parseDocstring(docstring ?? '').summary;
}

const atLoad = 'cannot be used while the file is loaded; call it inside a function';

/** Runs the top level of a file. Throws a `StarlarkError`; problems of declarations are in the result. */
export async function loadScript(script: Script, program: Program, signal?: AbortSignal): Promise<LoadedScript> {
  const execution = new Execution({ name: script.name, limits: loadLimits, effects: refusedEffects(atLoad), signal });
  const declarations = new Declarations(execution.thread);
  const description = descriptionOf(script.source) ?? firstParagraph(program.docstring);
  try {
    const module = await execution.run((thread) =>
      whileLoading(declarations, () => program.runAsync(thread, { load: loadModule })),
    );
    const run = levelOf(module.get('run'), declarations);
    if (run === 'typed') declareTypedRun(script, module, declarations, description);
    return { script, program, module, description, run, declarations, output: execution.output };
  } catch (error) {
    if (findCause(error, EffectRefused) === null || !isOriginalFile(script, program, declarations)) throw error;
    return { script, program, module: null, description, run: 'top', declarations, output: '' };
  }
}

/** The original ran a file at every call, with all its effects: a file that only it would know is run so here too. */
function isOriginalFile(script: Script, program: Program, declarations: Declarations): boolean {
  if (!declarations.isEmpty || /^\s*(tool|schedule|on|prompt|allow)\s*\(/m.test(script.source)) return false;
  const run = program.functions.find(({ name }) => name === 'run');
  if (program.functions.some(({ name }) => name.startsWith('test_'))) return false;
  return run === undefined || isOriginalRun(run);
}

function levelOf(run: unknown, declarations: Declarations): RunLevel {
  if (run instanceof StarlarkFunction) return isOriginalRun(run.code) ? 'original' : 'typed';
  return declarations.isEmpty ? 'top' : 'none';
}

function isOriginalRun({ parameters, docstring }: Pick<StarlarkFunction['code'], 'parameters' | 'docstring'>): boolean {
  const [first] = parameters;
  if (parameters.length !== 1 || first?.kind !== 'normal') return false;
  const isBare = first.annotation === null && first.default === null;
  return (first.name === 'args' && /^(dict\b.*)?$/.test(first.annotation ?? '')) || (isBare && docstring === null);
}

/** A file without `tool` is a tool itself, named as the file. */
function declareTypedRun({ name }: Script, module: Module, declarations: Declarations, description: string): void {
  const run = module.get('run');
  if (!(run instanceof StarlarkFunction) || declarations.tools.length > 0) return;
  const docstring = run.code.docstring ?? '';
  declarations.addTool(run, name.replaceAll('-', '_'), docstring === '' ? description : null, 'run');
}
