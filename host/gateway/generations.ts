import { ClayError } from '@clay/sdk';
import type { GenerationStatus, RollbackOptions } from '../medic/generations/medic.ts';
import { z } from '../schema.ts';
import type { App, Request } from './fastify.ts';
import { parseBody } from './parse-body.ts';
import type { GatewayParts } from './parts.ts';
import { checkPluginName } from './plugin-name.ts';

const generation = z.int().min(0);
/** The number of a generation, or the hash of its build or the beginning of it. */
const which = z.union([generation, z.string().regex(/^[0-9a-z]{6,128}$/i)]);
const reason = z.string().trim().min(1).max(1000);

const rollbackRequest = z.strictObject({ to: generation.optional(), data: z.boolean().optional() }).default({});
const quarantineRequest = z.strictObject({ which, reason });
const unquarantineRequest = z.strictObject({ which });
const pluginQuery = z.strictObject({ plugin: z.string().optional() });
const crashQuery = pluginQuery.extend({ limit: z.coerce.number().int().min(1).max(1000).default(50) });

/** What a person sees of generations, and does to them. */
export function addGenerationRoutes(app: App, { medic }: GatewayParts): void {
  app.get(
    '/api/admin/generations',
    { config: { access: 'debug', about: 'Generations of one plugin (?plugin=) or of all, newest first.' } },
    (request) => {
      const { plugin } = parseQuery(pluginQuery, request);
      return medic.generations(plugin === undefined ? undefined : checkPluginName(plugin));
    },
  );

  app.get(
    '/api/admin/crashes',
    {
      config: { access: 'debug', about: 'Crashes of one plugin (?plugin=) or of all, newest first, at most ?limit=.' },
    },
    (request) => {
      const { plugin, limit } = parseQuery(crashQuery, request);
      return medic.crashes(plugin === undefined ? undefined : checkPluginName(plugin), limit);
    },
  );

  app.post(
    '/api/admin/generations/:plugin/rollback',
    {
      config: {
        access: 'control',
        about: 'Takes the current generation back: to the one before, or to another; with its data, when asked.',
        body: rollbackRequest,
      },
    },
    (request) => {
      const { to, data } = parseBody(rollbackRequest, request.body);
      const options: RollbackOptions = { ...(to === undefined ? {} : { to }), ...(data === undefined ? {} : { data }) };
      return medic.rollback(pluginOf(request), options);
    },
  );

  app.post(
    '/api/admin/generations/:plugin/quarantine',
    {
      config: { access: 'control', about: 'Forbids a build, by generation or hash.', body: quarantineRequest },
    },
    async (request) => {
      const plugin = pluginOf(request);
      const wanted = parseBody(quarantineRequest, request.body);
      await medic.quarantine(plugin, findBuild(medic.generations(plugin), wanted.which), wanted.reason);
      return medic.generations(plugin);
    },
  );

  app.post(
    '/api/admin/generations/:plugin/unquarantine',
    { config: { access: 'control', about: 'Allows a forbidden build again.', body: unquarantineRequest } },
    async (request) => {
      const plugin = pluginOf(request);
      const wanted = parseBody(unquarantineRequest, request.body);
      await medic.unquarantine(plugin, findBuild(medic.generations(plugin), wanted.which));
      return medic.generations(plugin);
    },
  );
}

function pluginOf(request: Request): string {
  return checkPluginName((request.params as { readonly plugin: string }).plugin);
}

function parseQuery<Schema extends z.ZodType>(schema: Schema, request: Request): z.output<Schema> {
  const parsed = schema.safeParse(request.query);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    ({ path, message }) => `${path.map(String).join('.') || 'query'}: ${message}`,
  );
  throw new ClayError('BAD_ARGUMENTS', `The query does not fit. ${problems.join('; ')}. See /api/docs.`);
}

/** The beginning of a hash stands for the whole, where only one build has it. Nobody knows what is not here: the medic says so. */
function findBuild(generations: readonly GenerationStatus[], wanted: number | string): number | string {
  if (typeof wanted === 'number') return wanted;
  const hashes = new Set(generations.map(({ hash }) => hash).filter((hash) => hash.startsWith(wanted.toLowerCase())));
  if (hashes.size > 1) {
    throw new ClayError(
      'BAD_ARGUMENTS',
      `Several builds begin with ${wanted}: ${[...hashes].join(', ')}. Give more of the hash.`,
    );
  }
  return [...hashes][0] ?? wanted;
}
