import type { JsonObject, PluginDefinition } from '@clay/sdk';
import { copyJson, toJsonSchema } from '@clay/sdk/wire';

/** The manifest that a definition without a `plugin.json` states in its own fields, still unchecked. */
export function manifestOf(definition: PluginDefinition): JsonObject {
  const { setup: _, config, ...fields } = definition;
  const manifest = copyJson(fields, 'The plugin definition') as JsonObject;
  if (config === undefined) return manifest;
  return { ...manifest, config: toJsonSchema(config, `The configuration schema of plugin "${definition.name}"`) };
}
