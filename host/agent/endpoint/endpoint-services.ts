import type { Json, JsonObject } from '@clay/sdk';
import type { HostCapability } from '../../kernel/host-capabilities.ts';
import type { EndpointRequest, ModelEndpoint } from './model-endpoint.ts';

/** What plugins that run programs need of the endpoint. The token is no key: it is good for one run, on this machine. */
export function endpointServices(endpoint: Pick<ModelEndpoint, 'open' | 'end'>): readonly HostCapability[] {
  return [
    {
      kind: 'service',
      name: 'llm.endpoint',
      description: 'An address and a token by which a program may ask the claw’s model in the Anthropic Messages API.',
      parameters: {
        type: 'object',
        properties: {
          model: { type: 'string', minLength: 1, description: 'The one that it may name. Default: the claw’s own.' },
          maxCalls: { type: 'integer', minimum: 1, maximum: 10_000 },
          forMs: { type: 'integer', minimum: 1 },
        },
        additionalProperties: false,
      },
      async run(args: Json, { caller, session }): Promise<Json> {
        const wanted = (args ?? {}) as Partial<EndpointRequest>;
        return { ...(await endpoint.open({ ...wanted, plugin: pluginOf(caller), session })) };
      },
    },
    {
      kind: 'service',
      name: 'llm.endpoint.end',
      description: 'Takes a token of llm.endpoint back. Gives whether it was good until then.',
      parameters: {
        type: 'object',
        properties: { token: { type: 'string' } },
        required: ['token'],
        additionalProperties: false,
      },
      details: { idempotent: true, redact: ['token'] },
      run: (args: Json, { caller }) => endpoint.end(String((args as JsonObject).token), pluginOf(caller)),
    },
  ];
}

function pluginOf(caller: string): string {
  return caller.replace(/^plugin:/, '');
}
