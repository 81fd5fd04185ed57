import { z } from 'zod';

/** Part of every name of its tools: short, as 64 characters are all there are. */
export const serverName = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]{0,23}$/,
    'a server’s name has up to 24 small letters, digits and hyphens, and begins with a letter',
  );
const variableName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of a variable has letters, digits and _');

const callMs = z
  .int()
  .min(100)
  .max(900_000)
  .default(120_000)
  .describe('How long one call of a tool may take, in milliseconds.');
const only = z.array(z.string().min(1)).optional().describe('Names of its tools that are used. Default: all.');

const programServer = z.strictObject({
  command: z.string().min(1).describe('The program, found on the PATH or absolute. No shell reads it.'),
  args: z.array(z.string()).default([]),
  env: z.array(variableName).default([]).describe('Variables of the host’s environment that it is given, by name.'),
  callMs,
  only,
});

const remoteServer = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).describe('Of its streamable HTTP endpoint.'),
  headers: z
    .record(z.string().regex(/^[A-Za-z0-9-]+$/), z.string())
    .default({})
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what operators write
    .describe('${NAME} stands for a secret, which "ceilings" of clay.json has to allow: "secret:NAME@host".'),
  callMs,
  only,
});

export const serverDefinition = z.union([programServer, remoteServer], {
  error: 'is neither {command, args?, env?, callMs?, only?} nor {url, headers?, callMs?, only?} with proper values',
});

/** The plugin's section of `clay.json`. The host sets `shell` and `mcp` from its own settings. */
export const mcpConfig = z.strictObject({
  servers: z
    .record(z.string(), serverDefinition)
    .superRefine((servers, check) => {
      for (const name of Object.keys(servers)) {
        const { error } = serverName.safeParse(name);
        if (error !== undefined) check.addIssue({ code: 'custom', path: [name], message: error.issues[0]!.message });
      }
    })
    .default({}),
  shell: z.enum(['on', 'ask', 'off']).default('ask').describe('Whether programs may run at all: CLAY_SHELL.'),
  mcp: z
    .object({ variables: z.record(z.string(), z.string()) })
    .default({ variables: {} })
    .describe('Values of the variables that servers are given.'),
  variables: z
    .array(variableName)
    .default([])
    .describe('Variables that servers which the agent proposes may be given, by name; a person sees which.'),
  proposals: z.boolean().default(true).describe('Whether the agent may propose servers.'),
  expose: z
    .strictObject({
      only: z.array(z.string().min(1)).optional().describe('Names of the claw’s tools that are offered. Default: all.'),
      never: z.array(z.string().min(1)).default([]).describe('Names of those that are not.'),
    })
    .default({ never: [] })
    .describe('What MCP clients see at /mcp.'),
  connectMs: z.int().min(100).max(300_000).default(60_000).describe('How long a server may take to start and list.'),
  maxTools: z.int().min(1).max(500).default(128).describe('Tools of one server; the rest is left out, and told.'),
  maxMessageBytes: z
    .int()
    .min(10_000)
    .max(50_000_000)
    .default(5_000_000)
    .describe('Of one message; a server that says more at once is ended.'),
  graceMs: z.int().min(0).max(2000).default(500).describe('Between asking a program to end and ending it.'),
  askMs: z.int().min(1000).default(600_000).describe('How long a person has to answer a proposal.'),
});

export type McpConfig = z.infer<typeof mcpConfig>;
export type ProgramServer = z.infer<typeof programServer>;
export type RemoteServer = z.infer<typeof remoteServer>;
export type ServerDefinition = ProgramServer | RemoteServer;

export function isProgram(definition: ServerDefinition): definition is ProgramServer {
  return 'command' in definition;
}
