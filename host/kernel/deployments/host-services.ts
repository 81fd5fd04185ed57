import { ClayError, type Json, type JsonObject, type JsonSchema } from '@clay/sdk';
import type { CallOut } from '@clay/sdk/wire';
import type { Question } from '../../agent/agent-host.ts';
import type { Admission } from '../../medic/generations/medic.ts';
import { extensionServices } from '../../starlark/extensions/extension-services.ts';
import type { HostCapability } from '../host-capabilities.ts';
import type { Kernel } from '../kernel.ts';
import type { Deployments } from './create-deployments.ts';
import { readClawSource } from './source-reader.ts';

export interface HostServicesOptions {
  readonly deployments: Deployments;
  readonly kernel: Pick<Kernel, 'medic' | 'plugins'>;
  readonly ask: (question: Question, signal?: AbortSignal) => Promise<string>;
}

/** What the host does for plugins that let people and the agent change other plugins, and for those that think. */
export function hostServices({ deployments, kernel, ask }: HostServicesOptions): readonly HostCapability[] {
  const { deployer, failures, verdicts, extensions } = deployments;
  const { medic } = kernel;
  verdicts.follow(medic);
  const nameOf = (args: JsonObject) => (typeof args.name === 'string' ? args.name : deployer.onlyChanged());
  const capabilities: readonly HostCapability[] = [
    failures.section(),
    verdicts.section(),
    ...extensionServices(extensions),
    service('plugins.list', 'Every plugin with its generations, and whether its sources have changed.', {}, () => {
      const changed = new Set(deployer.list().flatMap(({ plugin, isChanged }) => (isChanged ? [plugin] : [])));
      const generations = Map.groupBy(medic.generations(), (one) => one.plugin);
      const known = kernel.plugins().map(({ name, description, origin, state, failure }) => {
        const own = generations.get(name) ?? [];
        return {
          name,
          description,
          origin,
          state,
          generation: own.find((one) => one.isCurrent)?.generation ?? null,
          generations: own.map(({ generation, state: was, at, reason }) => ({ generation, state: was, at, reason })),
          isChanged: changed.has(name),
          lastError: failure?.message ?? null,
        };
      });
      const names = new Set(known.map(({ name }) => name));
      const written = [...changed].filter((name) => !names.has(name)).map((name) => ({ ...undeployed, name }));
      return [...known, ...written].sort((a, b) => (a.name < b.name ? -1 : 1));
    }),
    service('plugins.check', 'Says what is wrong with sources; changes nothing.', { name: text }, async (args) => {
      const { plugin, isGood, text: words, diagnostics } = await deployer.check({ plugin: nameOf(args), files: null });
      return { plugin, isGood, text: words, diagnostics };
    }),
    service(
      'plugins.deploy',
      'Builds sources and makes them the next generation.',
      { name: text, reason: text },
      async (args, call) =>
        toJson(
          await deployer.deploy({
            plugin: nameOf(args),
            files: null,
            reason: String(args.reason ?? ''),
            session: call.session,
          }),
        ),
    ),
    service(
      'plugins.rollback',
      'Takes the current generation of a plugin back.',
      { name: text, to: { type: 'integer', minimum: 0 } },
      async (args) => {
        if (typeof args.name !== 'string') throw new ClayError('BAD_ARGUMENTS', 'Name the plugin to take back.');
        return toJson(await medic.rollback(args.name, typeof args.to === 'number' ? { to: args.to } : {}));
      },
    ),
    service('plugins.source', 'Reads a source of the claw, or lists a folder.', { path: text }, (args) =>
      readClawSource(typeof args.path === 'string' ? args.path : ''),
    ),
    service(
      'llm.ask',
      'Asks the model once, without tools and without the conversation.',
      { prompt: text, system: text, maxTokens: { type: 'integer', minimum: 1 } },
      async (args, { caller, session, signal }) => {
        const { prompt, system, maxTokens } = args;
        if (typeof prompt !== 'string' || prompt.trim() === '')
          throw new ClayError('BAD_ARGUMENTS', 'llm.ask: the prompt is empty.');
        const question: Question = {
          prompt,
          plugin: caller.replace(/^plugin:/, ''),
          session,
          ...(typeof system === 'string' ? { system } : {}),
          ...(typeof maxTokens === 'number' ? { maxTokens } : {}),
        };
        return { text: await ask(question, signal) };
      },
    ),
  ];
  // Whichever tool leads there, and for whoever calls them without one.
  return capabilities.map((one) =>
    changing.has(one.name) ? { ...one, details: { ...one.details, effect: 'deploy' } } : one,
  );
}

/** What changes what runs. */
const changing: ReadonlySet<string> = new Set(['plugins.deploy', 'plugins.rollback', 'extensions.write']);

/** Sources that nothing was made of yet. */
const undeployed = {
  description: '',
  origin: 'volume',
  state: 'undeployed',
  generation: null,
  generations: [],
  isChanged: true,
  lastError: null,
};

const text: JsonSchema = { type: 'string' };

/** No argument is required by the schema: what is missing is told by name, with what to do. */
export function service(
  name: string,
  description: string,
  properties: Readonly<Record<string, JsonSchema>>,
  run: (args: JsonObject, call: CallOut) => Json | Promise<Json>,
): HostCapability {
  return {
    kind: 'service',
    name,
    description,
    parameters: { type: 'object', properties: { ...properties }, additionalProperties: false },
    run: (args, call) => run((args ?? {}) as JsonObject, call),
  };
}

function toJson(admission: Admission): Json {
  return { ...admission };
}
