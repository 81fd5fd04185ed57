import { type Call, ClayError, type Context, type JsonObject, type PluginDefinition } from '@clay/sdk';
import { loadModule } from '@clay/starlark-stdlib';
import { repr, StarlarkFunction, type Thread, toStarlark, type Value } from 'starlark-js';
import { callFunction, fitting, namedArguments } from './call-function.ts';
import { contextEffects } from './context-effects.ts';
import type { ToolDeclaration } from './declarations.ts';
import { Execution } from './execution.ts';
import { guardedEffects } from './guarded-effects.ts';
import { KeyedLock } from './keyed-lock.ts';
import { callLimits } from './limits.ts';
import { type LoadedScript, loadScript } from './load-script.ts';
import { fileOf, readScript } from './programs.ts';
import { reportText } from './report-text.ts';
import type { Script } from './script.ts';
import { scriptFailure } from './script-failure.ts';
import { rightsOf } from './script-rights.ts';
import { toolResult } from './tool-result.ts';
import { describeFunction } from './tool-schema.ts';

/** A plugin made of a script: it declares what the file declares, and every call runs on a thread of its own. */
export function scriptPlugin(script: Script): PluginDefinition {
  return {
    name: script.name,
    setup: async (ctx) => new ScriptPlugin(ctx, await loadedForCalls(script)).declare(),
  };
}

async function loadedForCalls(script: Script): Promise<LoadedScript> {
  const { program, diagnostics } = readScript(script);
  if (program === null) throw new ClayError('BAD_ARGUMENTS', reportText({ script, diagnostics }), { phase: 'check' });
  try {
    const loaded = await loadScript(script, program);
    const [problem] = loaded.declarations.problems;
    if (problem !== undefined) throw problem;
    return loaded;
  } catch (error) {
    throw scriptFailure(error, { subject: fileOf(script), phase: 'load' });
  }
}

/** The result of a file without `run`. */
const nothing = Symbol('nothing');

class ScriptPlugin {
  readonly #ctx: Context;
  readonly #loaded: LoadedScript;
  readonly #file: string;
  readonly #lock = new KeyedLock();

  constructor(ctx: Context, loaded: LoadedScript) {
    this.#ctx = ctx;
    this.#loaded = loaded;
    this.#file = fileOf(loaded.script);
  }

  declare(): void {
    const { declarations, run } = this.#loaded;
    for (const tool of declarations.tools) this.#declareTool(tool);
    for (const { name, cron, fn } of declarations.schedules)
      this.#ctx.schedule({ name, cron, run: (call) => this.#handle(call, fn, [], name) });
    for (const { event, fn } of declarations.events)
      this.#ctx.on(event, (payload, call) => this.#handle(call, fn, [toStarlark(payload)], event));
    for (const { name, content } of declarations.prompts) {
      if (typeof content === 'string') this.#ctx.prompt({ name, placement: 'system', render: () => content });
      else
        this.#ctx.prompt({
          name,
          placement: 'message',
          render: (turn, call) => this.#renderPrompt(call, content, toStarlark(turn)),
        });
    }
    if (run !== 'none') this.#declareRun();
  }

  #declareTool({ name, description, signature, fn }: ToolDeclaration): void {
    this.#ctx.tool({
      name,
      description,
      parameters: signature.parameters,
      run: async (args, call) => {
        const named = namedArguments(args as JsonObject, signature.floats);
        const { value, output } = await this.#run(call, (thread) => callFunction(fn, [], named, thread));
        return toolResult(value, `the result of ${fn.name}`, output);
      },
    });
  }

  /** The original's way to call an extension: its output, then the text of its result. */
  #declareRun(): void {
    const { script, description, run } = this.#loaded;
    const fn = this.#loaded.module?.get('run');
    const typed = run === 'typed' && fn instanceof StarlarkFunction ? describeFunction(fn) : null;
    const parameters = typed?.parameters ?? { type: 'object', additionalProperties: true };
    this.#ctx.service({
      name: script.name,
      methods: {
        run: {
          description: description === '' ? `Runs ${this.#file}.` : description,
          parameters,
          run: async (args, call) => {
            const given = args as JsonObject;
            const { value, output } = await this.#run(
              call,
              async (thread) => {
                if (typed !== null && fn !== undefined)
                  return callFunction(fn, [], namedArguments(given, typed.floats), thread);
                return this.#runOriginal(given, thread);
              },
              typed !== null ? this.#file : fn === undefined ? 'starlark error' : 'run() error',
            );
            const printed = this.#loaded.output + output;
            if (value === nothing)
              return { output: printed === '' ? `${this.#file} defines no run() and prints nothing.` : printed };
            return { output: printed + (typeof value === 'string' ? value : repr(value)) };
          },
        },
      },
    });
  }

  /** A file that has effects at its top level is run anew, as the original ran every file at every call. */
  async #runOriginal(args: JsonObject, thread: Thread): Promise<Value | typeof nothing> {
    const { program } = this.#loaded;
    const module = this.#loaded.module ?? (await program.runAsync(thread, { load: loadModule }));
    const run = module.get('run');
    return run === undefined ? nothing : callFunction(run, [toStarlark(args)], {}, thread);
  }

  /** Of a schedule or an event nobody waits for the output: it goes to the log. */
  async #handle(call: Call, fn: StarlarkFunction, given: readonly Value[], what: string): Promise<void> {
    const { output } = await this.#run(call, (thread) => callFunction(fn, fitting(fn, given), {}, thread));
    if (output !== '') this.#ctx.log.info('script.printed', { for: what, output });
  }

  async #renderPrompt(call: Call, fn: StarlarkFunction, turn: Value): Promise<string | null> {
    const { value } = await this.#run(call, (thread) => callFunction(fn, fitting(fn, [turn]), {}, thread));
    if (value === null || typeof value === 'string') return value;
    throw new ClayError(
      'INTERNAL',
      `${this.#file}: the prompt ${fn.name} must give a text or None, not ${repr(value)}`,
    );
  }

  async #run<T>(
    call: Call,
    body: (thread: Thread) => Promise<T>,
    subject: string = this.#file,
  ): Promise<{ readonly value: T; readonly output: string }> {
    const { script, declarations } = this.#loaded;
    const ended = new AbortController();
    const signal = AbortSignal.any([call.signal, ended.signal]);
    const effects = guardedEffects(
      contextEffects({ ctx: this.#ctx, lock: this.#lock, signal }),
      rightsOf(script, declarations),
    );
    const wallMs = Math.max(1, Math.min(callLimits.wallMs, call.deadline - this.#ctx.clock.now()));
    const execution = new Execution({
      name: script.name,
      limits: { ...callLimits, wallMs },
      effects,
      signal: call.signal,
    });
    try {
      return { value: await execution.run(body), output: execution.output };
    } catch (error) {
      const reason: unknown = call.signal.aborted ? call.signal.reason : null;
      const endedBy = reason instanceof ClayError ? reason.code : undefined;
      throw scriptFailure(error, { subject, phase: 'run', output: execution.output, endedBy });
    } finally {
      ended.abort(new ClayError('CANCELLED', `The call of ${this.#file} has ended.`));
    }
  }
}
