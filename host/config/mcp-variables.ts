import { z } from '../schema.ts';
import type { Environment } from './load.ts';

/** The part of `plugins.mcp` that names variables; the plugin's own schema tells what is wrong with the rest. */
const section = z.looseObject({
  mcp: z
    .looseObject({
      variables: z.array(z.string()).catch([]),
      servers: z.record(z.string(), z.looseObject({ env: z.array(z.string()).catch([]) })).catch({}),
    })
    .optional()
    .catch(undefined),
});

/** Variables of the host that MCP servers get: exactly those that the operator's file names, as far as they are set. */
export function mcpVariables(plugins: unknown, env: Environment): Readonly<Record<string, string>> {
  const { mcp } = section.parse(plugins);
  const names = new Set([
    ...(mcp?.variables ?? []),
    ...Object.values(mcp?.servers ?? {}).flatMap((server) => server.env),
  ]);
  const found: Record<string, string> = {};
  for (const name of [...names].sort()) {
    const value = env[name];
    if (value !== undefined && value !== '') found[name] = value;
  }
  return found;
}
