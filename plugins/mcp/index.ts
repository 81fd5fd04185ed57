import { definePlugin, type JsonObject } from '@clay/sdk';
import { z } from 'zod';
import { mcpConfig, serverName } from './config.ts';
import { proposal, propose } from './propose.ts';
import { OwnTools } from './serve/own-tools.ts';
import { serve, serveRequest } from './serve/serve.ts';
import { type ServerStatus, Servers } from './servers.ts';

/** For servers that are slow to start, tried again and again. */
const refreshMs = 300_000;

const managing = z.strictObject({
  action: z.enum(['list', 'refresh', 'remove']).describe('refresh: asks servers again, also those that failed.'),
  server: serverName.optional().describe('Which one. Default: all; remove needs it.'),
});
const running = z.strictObject({ tool: z.string(), arguments: z.record(z.string(), z.json()).default({}) });

export default definePlugin({
  name: 'mcp',
  config: mcpConfig,
  requires: ['service:tools.offer', 'service:tools.list', 'service:tools.call'],
  optional: ['service:chat.ask', 'service:mcp.refresh'],
  setup(ctx) {
    const { config, clock, log } = ctx;
    const servers = new Servers(ctx);
    const tools = new OwnTools(ctx);
    const proposeMs = config.askMs + config.connectMs + 20_000;

    ctx.tool({
      name: 'mcp_servers',
      description:
        'The MCP servers of this claw, their tools and problems. Refresh asks them again; remove forgets one that a person had added.',
      parameters: managing,
      readOnly: { action: ['list'] },
      // Names and notes are the servers' words.
      foreign: 'tool',
      timeoutMs: refreshMs,
      async run({ action, server }, call) {
        if (action === 'remove') await servers.remove(server ?? '');
        if (action === 'refresh') await servers.refresh(call.signal, server === undefined ? 'all' : { server });
        return { servers: [...(await servers.status())] };
      },
    });
    ctx.tool({
      name: 'mcp_propose',
      description:
        'Proposes an MCP server: a person is asked, and with a yes its tools are yours at once. For capabilities that no tool of yours has.',
      parameters: proposal,
      idempotent: true,
      foreign: 'tool',
      timeoutMs: proposeMs,
      run: (given, call) => propose(given, servers, call, ctx),
    });
    ctx.command({
      name: 'mcp',
      description: 'which MCP servers I use; /mcp refresh asks them again',
      async run(argument, call) {
        if (argument.trim() === 'refresh') await servers.refresh(call.signal, 'all');
        return describe(await servers.status());
      },
    });
    ctx.service({
      name: 'mcp',
      methods: {
        run: {
          description: 'Runs a tool of a server, by the name under which it is offered.',
          parameters: running,
          run: (args, call) => servers.run(args.tool, args.arguments as JsonObject, call),
        },
        refresh: {
          description: 'Asks the servers whose tools nobody knows, and offers what there is.',
          idempotent: true,
          run: (_args, call) => servers.refresh(call.signal),
        },
        serve: {
          description: 'Answers a request of an MCP client.',
          parameters: serveRequest,
          // It holds arguments of tools, which may hide theirs; each tool has its own row.
          redact: ['body'],
          run: (request, call) => serve(request, call, { tools, version: ctx.plugin.version, clock, log }),
        },
      },
    });
    ctx.onLive(async () => {
      ctx.effect('servers', () => () => servers.close());
      if (!(await servers.needsRefresh())) return;
      // By a call, which keeps the process awake until it has ended; nobody waits for slow servers.
      ctx
        .call('service:mcp.refresh', {}, { timeoutMs: refreshMs })
        .catch((error) => log.warn('mcp.refresh.failed', { error: String(error) }));
    });
  },
});

function describe(servers: readonly ServerStatus[]): string {
  if (servers.length === 0)
    return 'There are no MCP servers. The operator adds them to "plugins.mcp.servers" in clay.json.';
  return servers
    .map(({ name, server, state, tools, notes, problem }) =>
      [
        `${name} (${server}): ${state}, ${tools.length} tools`,
        ...(problem === null ? [] : [`  ${problem}`]),
        ...notes.map((note) => `  ${note}`),
      ].join('\n'),
    )
    .join('\n');
}
