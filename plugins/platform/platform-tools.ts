import { type Call, type Context, foreignText, type Json, type JsonObject } from '@clay/sdk';
import { z } from 'zod';
import { hostIdentity } from './account/identity.ts';
import { isDone, PlatformHttp, type PlatformRequest, refusalOf } from './account/platform-http.ts';
import { PlatformSession, read } from './account/platform-session.ts';
import { type ProofPurpose, Proofs } from './account/proofs.ts';
import type { PlatformSection } from './config.ts';
import { confirm } from './confirm.ts';
import { buildRequest, typeOf } from './openapi/build-request.ts';
import { PlatformDocument } from './openapi/document.ts';
import { findOperations, operationNamed } from './openapi/find-operations.ts';
import type { Operation } from './openapi/operation.ts';
import { isObject } from './openapi/read-operations.ts';

/** A proof of work has five minutes, and the person may take longer to say yes. */
const workMs = 330_000;
const agentKey = 'agent-id';
/** Of one parameter, to the person who decides. */
const shownCharacters = 600;

const searchParameters = z.strictObject({
  query: z.string().trim().min(1).describe('Words of what you want to do, such as "create post".'),
  category: z.string().optional().describe('Such as social, msg, skills, shop, claw or platform.'),
});
const callParameters = z.strictObject({
  tool: z.string().trim().min(1).describe('An id that platform_search has told, such as social.create_post.'),
  params: z.record(z.string(), z.json()).default({}).describe('As platform_search lists them.'),
});
const registerParameters = z.strictObject({
  name: z.string().trim().min(1).max(100),
  description: z.string().trim().max(500).default(''),
});
const registeredShape = z.looseObject({ agent_id: z.string().min(1) });

/** The tools by which the agent lives on the platform. */
export function declarePlatform(ctx: Context<PlatformSection>, baseUrl: string, agentId: string | null): void {
  const { clock, store, config } = ctx;
  const identity = hostIdentity(ctx);
  const http = new PlatformHttp(ctx.http, clock, baseUrl);
  const keepAgent = async (id: string) => {
    if ((await store.get(agentKey)) !== id) await store.set(agentKey, id);
  };
  const session = new PlatformSession(http, identity, clock, keepAgent);
  const proofs = new Proofs(http, clock, config.maxDifficulty);
  const document = new PlatformDocument({
    http,
    store,
    clock,
    log: ctx.log,
    baseUrl,
    maxAgeMs: config.documentMs,
  });
  const source = new URL(baseUrl).host;
  const timeoutMs = workMs + (config.confirm === 'writes' ? config.confirmMs : 0);
  const confirmWrite = async (question: string, call: Call) => {
    if (config.confirm === 'writes') await confirm(ctx, question, config.confirmMs, call);
  };

  ctx.tool({
    name: 'platform_search',
    description: `Finds tools of the platform at ${source}, where agents post, write to each other and find skills: the five that fit best, with their parameters. Use them with platform_call.`,
    parameters: searchParameters,
    idempotent: true,
    readOnly: true,
    run: async ({ query, category }, call) => {
      const { list } = await document.operations(call);
      const tools = findOperations(list, query, category).map(describe);
      const known = [...new Set(list.map((one) => one.category))].sort();
      return tools.length > 0 ? { tools, count: tools.length } : { tools, count: 0, categories: known };
    },
  });

  ctx.tool({
    name: 'platform_call',
    effect: 'post',
    description: `Uses a tool of the platform at ${source}. What it gives was written by others. The claw's login and proofs of work are seen to.`,
    parameters: callParameters,
    parallel: false,
    timeoutMs,
    run: async ({ tool, params }, call) => {
      const { list, components } = await document.operations(call);
      const operation = operationNamed(list, tool);
      const request = buildRequest(operation, params, components);
      if (operation.isWrite) await confirmWrite(`May I use ${operation.id} on ${source}?\n\n${shown(params)}`, call);
      const body = await fill(operation, request.body, call);
      const response = await send(operation, { ...request, body, signal: call.signal, deadline: call.deadline });
      if (!isDone(response)) throw refusalOf(response, operation.id);
      const result = response.text();
      return {
        tool: operation.id,
        status: response.status,
        result: result === '' ? '' : foreignText({ origin: 'tool', source: `${source} ${operation.id}`, text: result }),
      };
    },
  });

  ctx.tool({
    name: 'platform_register',
    description: `Makes the claw known on the platform at ${source}, once, under a name. Gives its id and how a person proves that it is theirs. It needs some seconds of computing.`,
    parameters: registerParameters,
    parallel: false,
    timeoutMs,
    run: async ({ name, description }, call) => {
      await confirmWrite(`May I register on ${source}?\n\n${shown({ name, description })}`, call);
      const { publicKey, fingerprint } = await identity.show();
      const proof = await proofs.make('register', call);
      const body = { name, description, public_key: publicKey, ...proof };
      const { signal, deadline } = call;
      const response = await http.send({ method: 'POST', path: '/api/agents/register', body, signal, deadline });
      const answer = read(registeredShape, response, 'The registration');
      await keepAgent(answer.agent_id);
      return { ...(answer as JsonObject), fingerprint };
    },
  });

  ctx.command({
    name: 'platform',
    description: 'who I am on the platform of agents',
    run: async () => {
      const { fingerprint } = await identity.show();
      const id = agentId ?? (await store.get(agentKey)) ?? 'none yet';
      return `Platform: ${baseUrl}\nAgent id: ${id}\nKey: Ed25519, fingerprint ${fingerprint}`;
    },
  });

  /** Who asks is told where the platform wants it: to read what is open, and to register, nobody has to be known. */
  async function send(operation: Operation, request: PlatformRequest) {
    if (operation.needsLogin) return session.send(request);
    const response = await http.send(request);
    return response.status === 401 ? session.send(request) : response;
  }

  async function fill(operation: Operation, body: Json | undefined, call: Call): Promise<Json | undefined> {
    const { body: shape, path, needsLogin } = operation;
    if (shape === null || shape.filled.length === 0 || !isObject(body)) return body;
    // Work that nobody would take is not begun.
    if (needsLogin) await session.login(call);
    const purpose: ProofPurpose = path.endsWith('/register') ? 'register' : 'post';
    const proof = shape.filled.includes('pow_nonce') ? await proofs.make(purpose, call) : {};
    const key = shape.filled.includes('public_key') ? { public_key: (await identity.show()).publicKey } : {};
    return { ...body, ...key, ...proof };
  }
}

function describe({ id, category, summary, description, method, path, parameters, isWrite }: Operation): JsonObject {
  return {
    id,
    category,
    name: id,
    description: summary === description ? summary : [summary, description].filter(Boolean).join('\n'),
    method,
    endpoint: path,
    kind: isWrite ? 'write' : 'read',
    params: parameters.map((one) => ({
      name: one.name,
      type: typeOf(one.schema),
      required: one.required,
      description: one.description,
    })),
    source: 'openapi',
  };
}

/** What a person has to see to decide: everything, each value cut where it gets long, in a block that none of them can leave. */
function shown(params: JsonObject): string {
  const lines = Object.entries(params).map(([name, value]) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return `${name}: ${text.length > shownCharacters ? `${text.slice(0, shownCharacters).toWellFormed()}…` : text}`;
  });
  const inside = lines.join('\n');
  const longest = Math.max(2, ...(inside.match(/`+/g) ?? []).map(({ length }) => length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}\n${inside}\n${fence}`;
}

/** Where nothing is set up, the tools would only be in the model's way; a person learns here what to do. */
export function declareAbsence(ctx: Pick<Context, 'command'>): void {
  ctx.command({
    name: 'platform',
    description: 'who I am on the platform of agents',
    run: () =>
      'This claw has nothing to do with a platform. Set GATHER_BASE_URL, such as https://gather.is, to let the agent register and take part there.',
  });
}
