import type { Json, JsonObject, JsonSchema } from '@clay/sdk';
import type { CallOut } from '@clay/sdk/wire';
import type { ScriptReport } from '../script/report.ts';
import type { Extensions } from './extensions.ts';

/** A capability that the host provides, under the name of a service. */
export interface ExtensionService {
  readonly kind: 'service';
  readonly name: string;
  readonly description: string;
  readonly parameters: JsonSchema;
  readonly run: (args: Json, call: CallOut) => Promise<Json>;
}

const name = { type: 'string', description: 'Name of the file, with or without .star.' } as const;
const source = { type: 'string', description: 'The whole text of the file.' } as const;

/** What plugins may do with extensions: what the tools of the agent are made of. */
export function extensionServices(extensions: Extensions): readonly ExtensionService[] {
  return [
    {
      kind: 'service',
      name: 'extensions.list',
      description: 'Every extension: `[{name, description, tools, hasRun, state, generation, lastError}]`.',
      parameters: { type: 'object', properties: {}, additionalProperties: false },
      run: async () => (await extensions.list()).map((one) => ({ ...one, tools: [...one.tools] })),
    },
    {
      kind: 'service',
      name: 'extensions.run',
      description: "Calls an extension's run: `{output}`.",
      parameters: objectOf({ name, args: { type: 'object', additionalProperties: true } }, ['name']),
      run: async (args, { caller, session, signal, timeoutMs }) => {
        const given = args as { readonly name: string; readonly args?: JsonObject };
        const rest = signal === undefined ? {} : { signal };
        return extensions.run(given.name, given.args ?? {}, { caller, session, timeoutMs, ...rest });
      },
    },
    {
      kind: 'service',
      name: 'extensions.check',
      description:
        'Says what is wrong with a source, tests included, and saves nothing: `{isGood, text, diagnostics, tests}`.',
      parameters: objectOf({ name, source }, ['name', 'source']),
      run: async (args, { signal }) => {
        const given = args as { readonly name: string; readonly source: string };
        return toJson(await extensions.check(bare(given.name), given.source, signal));
      },
    },
    {
      kind: 'service',
      name: 'extensions.write',
      description:
        'Checks a source, saves it when it is good, and waits until it serves: `{isSaved, isGood, text, generation, state, problem, …}`.',
      parameters: objectOf({ name, source, reason: { type: 'string' } }, ['name', 'source']),
      run: async (args, { session, signal }) => {
        const given = args as { readonly name: string; readonly source: string; readonly reason?: string };
        const { report, admission } = await extensions.write(bare(given.name), given.source, {
          session,
          ...(given.reason === undefined ? {} : { reason: given.reason }),
          ...(signal === undefined ? {} : { signal }),
        });
        return {
          ...toJson(report),
          isSaved: admission !== null,
          generation: admission?.generation ?? null,
          state: admission?.state ?? 'refused',
          problem: admission?.problem ?? null,
        };
      },
    },
    {
      kind: 'service',
      name: 'extensions.test',
      description: 'Checks a file as it lies there and runs its test functions: `{isGood, text, diagnostics, tests}`.',
      parameters: objectOf({ name }, ['name']),
      run: async (args, { signal }) =>
        toJson(await extensions.test(bare((args as { readonly name: string }).name), signal)),
    },
  ];
}

function objectOf(properties: JsonSchema['properties'] & object, required: readonly string[]): JsonSchema {
  return { type: 'object', properties, required: [...required], additionalProperties: false };
}

/** As the original: a file may be named with its ending. */
function bare(file: string): string {
  return file.replace(/\.star$/, '');
}

function toJson({ name, isGood, outline, diagnostics, tests, text }: ScriptReport): JsonObject {
  return {
    name,
    isGood,
    text,
    description: outline?.description ?? '',
    tools: outline?.tools.map((tool) => tool.name) ?? [],
    diagnostics: diagnostics.map(({ severity, code, message, file, line, column, hint }) => ({
      severity,
      code,
      message,
      file,
      line,
      column,
      ...(hint === undefined ? {} : { hint }),
    })),
    tests: tests.map((one) => ({ ...one })),
  };
}
