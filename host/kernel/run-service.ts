import { ClayError, type Json, type JsonObject, type JsonSchema, type ManifestService } from '@clay/sdk';
import type { CallOut } from '@clay/sdk/wire';
import type { PluginServices } from '../medic/pulse/plugin-services.ts';
import type { HostCapability } from './host-capabilities.ts';
import type { Kernel } from './kernel.ts';
import type { PluginSource } from './plugin-source.ts';

export interface RunServiceOptions {
  readonly services: Pick<PluginServices, 'want'>;
  readonly kernel: Pick<Kernel, 'plugins'>;
  readonly shipped: readonly PluginSource[];
  /** Where they run. */
  readonly folder: string;
}

const parameters: JsonSchema = {
  type: 'object',
  properties: {
    name: { type: 'string', pattern: '^[a-z][a-z0-9-]*$' },
    command: { type: 'array', items: { type: 'string' }, minItems: 1 },
    environment: { type: 'object', additionalProperties: { type: 'string' }, default: {} },
  },
  required: ['name', 'command'],
  additionalProperties: false,
};

/**
 * Lets a plugin that ships run a program beside it once it knows how: with a configuration that it has written, and
 * secrets that no manifest can hold. The process ends when the generation that asked serves no more.
 */
export function runService({ services, kernel, shipped, folder }: RunServiceOptions): HostCapability {
  return {
    kind: 'service',
    name: 'services.run',
    description: 'Keeps a program beside the plugin that asks, in place of what it asked for before.',
    parameters,
    // The journal keeps arguments, and an environment is where secrets go.
    details: { idempotent: true, redact: ['environment'] },
    run(args: Json, { caller }: CallOut) {
      const plugin = caller.startsWith('plugin:') ? caller.slice('plugin:'.length) : caller;
      const source = shipped.find(({ name }) => name === plugin);
      const isFromImage = kernel.plugins().some(({ name, origin }) => name === plugin && origin === 'image');
      if (source === undefined || !isFromImage)
        throw new ClayError(
          'REFUSED',
          `"${caller}" cannot run a service: only a plugin that ships can. Declare it in "services" of plugin.json.`,
        );
      const { name, command, environment = {} } = args as JsonObject & ManifestService;
      const permissions = (source.manifest?.permissions ?? []) as readonly string[];
      services.want({ plugin, services: [{ name, command, environment }], permissions, folder });
      return null;
    },
  };
}
