import { capabilityKinds, type JsonObject, type JsonSchema, type Manifest, parsePermission } from '@clay/sdk';
import { checkJson, oldestProtocol, type Problem, protocol } from '@clay/sdk/wire';
import { nameProblem } from './plugin-name.ts';

const names = { type: 'array', items: { type: 'string' }, default: [] } as const;

/** The form of `plugin.json`, with every default. */
export const manifestSchema: JsonSchema = {
  type: 'object',
  properties: {
    $schema: { type: 'string' },
    name: { type: 'string', pattern: '^[a-z][a-z0-9-]{0,47}$' },
    version: { type: 'string', minLength: 1, maxLength: 64, default: '0.0.0' },
    description: { type: 'string', default: '' },
    engine: { type: 'string', pattern: '^\\d+( *- *\\d+)?$', default: String(protocol) },
    requires: names,
    optional: names,
    permissions: names,
    tables: { type: 'array', items: { type: 'string', pattern: '^[A-Za-z_][A-Za-z0-9_]{0,62}$' }, default: [] },
    leases: names,
    config: { type: ['object', 'null'], default: null },
    settings: {
      type: 'array',
      items: { enum: ['shell', 'workFolder', 'telegram', 'heartbeat', 'claudeCode', 'platform', 'mcp'] },
      default: [],
    },
    probes: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          name: { type: 'string', minLength: 1 },
          call: { type: 'string' },
          args: { default: {} },
          expect: {},
        },
        required: ['name', 'call'],
        additionalProperties: false,
      },
      default: [],
    },
    limits: {
      type: 'object',
      properties: {
        memoryMb: { type: 'integer', minimum: 16, maximum: 65_536, default: 256 },
        startMs: { type: 'integer', minimum: 100, maximum: 600_000, default: 10_000 },
        drainMs: { type: 'integer', minimum: 0, maximum: 600_000, default: 30_000 },
      },
      additionalProperties: false,
      default: { memoryMb: 256, startMs: 10_000, drainMs: 30_000 },
    },
    placement: { enum: ['inline', 'process'], default: 'process' },
    idle: { enum: ['stay', 'sleep'], default: 'stay' },
    protected: { type: 'boolean', default: false },
    services: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          name: { type: 'string', pattern: '^[a-z][a-z0-9-]*$' },
          command: { type: 'array', items: { type: 'string' }, minItems: 1 },
          environment: { type: 'object', additionalProperties: { type: 'string' }, default: {} },
        },
        required: ['name', 'command'],
        additionalProperties: false,
      },
      default: [],
    },
  },
  required: ['name'],
  additionalProperties: false,
};

export type ParsedManifest = { readonly manifest: Manifest } | { readonly problems: readonly Problem[] };

/** Reads a manifest: every problem at once, each naming its field. */
export function parseManifest(raw: JsonObject): ParsedManifest {
  const { value, problems } = checkJson(manifestSchema, raw);
  const found = [...problems, ...(problems.length === 0 ? checkMeaning(value as unknown as Manifest) : [])];
  if (found.length > 0) return { problems: found };
  const { $schema: _, ...manifest } = value as JsonObject;
  return { manifest: manifest as unknown as Manifest };
}

/** The wire protocols of an `engine` such as `1` or `1-2`. */
export function parseEngine(engine: string): { readonly min: number; readonly max: number } {
  const [min, max] = engine.split('-').map(Number);
  return { min: min!, max: max ?? min! };
}

function checkMeaning(manifest: Manifest): Problem[] {
  const problems: Problem[] = [];
  const name = nameProblem(manifest.name);
  if (name !== null) problems.push({ path: 'name', message: `is not possible: ${name}` });
  const { min, max } = parseEngine(manifest.engine);
  if (max < oldestProtocol || min > protocol) {
    const cure =
      min > protocol
        ? 'it needs a newer SDK than this host has: upgrade the host, or lower "engine"'
        : 'it was written for an older SDK: raise "engine" once the plugin fits';
    problems.push({
      path: 'engine',
      message: `asks for protocol ${manifest.engine}; this host speaks ${oldestProtocol}-${protocol}; ${cure}`,
    });
  }
  if (max < min) problems.push({ path: 'engine', message: `is a range from ${min} down to ${max}` });
  for (const field of ['requires', 'optional'] as const) {
    manifest[field].forEach((name, index) => {
      if (!isFullName(name))
        problems.push({
          path: `${field}[${index}]`,
          message: `must be a full capability name such as "service:memory.search", not ${JSON.stringify(name)}`,
        });
    });
  }
  manifest.permissions.forEach((text, index) => {
    const parsed = parsePermission(text);
    if (typeof parsed === 'string') problems.push({ path: `permissions[${index}]`, message: parsed });
  });
  manifest.probes.forEach(({ call }, index) => {
    if (!isFullName(call))
      problems.push({
        path: `probes[${index}].call`,
        message: `must be a full capability name, not ${JSON.stringify(call)}`,
      });
  });
  return problems;
}

function isFullName(name: string): boolean {
  const colon = name.indexOf(':');
  return (capabilityKinds as readonly string[]).includes(name.slice(0, colon)) && name.length > colon + 1;
}
