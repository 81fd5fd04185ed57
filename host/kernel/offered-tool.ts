import type { JsonObject, JsonSchema } from '@clay/sdk';
import type { Capability } from '../registry/registry.ts';

/** A tool that a plugin has learnt of while it ran, such as one of a server that it speaks to. */
export interface OfferedTool extends JsonObject {
  readonly name: string;
  readonly description: string;
  readonly parameters: JsonSchema;
  readonly timeoutMs: number;
}

/** Of no generation: whichever serves takes its calls. */
const noGeneration = 0;

export function toCapability(
  plugin: string,
  via: string,
  { name, description, parameters, timeoutMs }: OfferedTool,
): Capability {
  return {
    kind: 'tool',
    name,
    fullName: `tool:${name}`,
    plugin,
    generation: noGeneration,
    description,
    parameters,
    details: { timeoutMs, parallel: true },
    via,
  };
}
