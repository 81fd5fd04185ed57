import { type Call, ClayError, type Context, type JsonObject } from '@clay/sdk';
import { z } from 'zod';
import { isProgram, type McpConfig, type ServerDefinition, serverDefinition, serverName } from './config.ts';
import { shellIsOff } from './server/connection.ts';
import { describeServer, pinOf } from './server/pin.ts';
import type { ServerStatus, Servers } from './servers.ts';
import { cleanText } from './tools/clean-text.ts';

/** A person has to see all of it. */
const maxShownChars = 1500;
const whyChars = 300;

export const proposal = z.strictObject({
  name: serverName.describe('Short; its tools are called <name>_<tool>.'),
  command: z.string().min(1).optional().describe('The program, such as npx. Or url.'),
  args: z.array(z.string()).default([]),
  env: z.array(z.string()).default([]).describe('Names of variables of the host that it needs.'),
  url: z.string().optional().describe('Of a remote server’s streamable HTTP endpoint. Or command.'),
  why: z.string().min(1).describe('For the person who is asked.'),
});

export type Proposal = z.infer<typeof proposal>;

type Parts = Pick<Context<McpConfig>, 'config' | 'call' | 'log'>;

/**
 * Asks a person whether a server may be used, and uses it when the answer is yes.
 *
 * @throws ClayError `REFUSED` for a no, `NEEDS_APPROVAL` when nobody answered
 */
export async function propose(given: Proposal, servers: Servers, call: Call, parts: Parts): Promise<ServerStatus> {
  const definition = toDefinition(given, parts.config);
  const { name } = given;
  const known = await servers.find(name);
  if (known?.by === 'operator')
    throw new ClayError(
      'CONFLICT',
      `The server "${name}" stands in clay.json; only the operator changes it. Choose another name.`,
    );
  const isKnown = known !== null && pinOf(known.definition) === pinOf(definition);
  if (!isKnown) {
    const by = await requireYes(question(given, definition, known?.definition), call, parts);
    parts.log.info('mcp.approved', { server: name, pin: pinOf(definition), by });
    return servers.add(name, definition, by, call.signal);
  }
  await servers.refresh(call.signal, { server: name });
  return (await servers.status()).find((one) => one.name === name)!;
}

function toDefinition({ command, args, env, url }: Proposal, config: McpConfig): ServerDefinition {
  if ((command === undefined) === (url === undefined))
    throw new ClayError('BAD_ARGUMENTS', 'Give either a command or a url, and not both.');
  if (!config.proposals)
    throw new ClayError('REFUSED', 'The operator does not want proposals ("proposals" of mcp in clay.json).');
  const parsed = serverDefinition.safeParse(command === undefined ? { url } : { command, args, env });
  if (!parsed.success)
    throw new ClayError(
      'BAD_ARGUMENTS',
      `That is no server: ${parsed.error.issues.map(({ message }) => message).join('; ')}`,
    );
  const definition = parsed.data;
  const shown = describeServer(definition);
  if (cleanText(shown, shown.length + 1) !== shown || /[\r\n\u2028\u2029]/.test(shown))
    throw new ClayError('BAD_ARGUMENTS', 'The command or url holds characters that a person could not see.');
  if (shown.length > maxShownChars)
    throw new ClayError(
      'TOO_LARGE',
      `The command has ${shown.length} characters; a person can be shown ${maxShownChars}.`,
    );
  if (!isProgram(definition)) return definition;
  if (config.shell === 'off') throw new ClayError('REFUSED', `${shellIsOff}.`);
  const unknown = definition.env.filter((one) => !config.variables.includes(one));
  if (unknown.length > 0) {
    const list = config.variables.join(', ') || 'none';
    const message = `Variables that a proposed server may have are named by the operator in "variables" of mcp in clay.json: ${list}. ${unknown.join(', ')} is not among them.`;
    throw new ClayError('REFUSED', message);
  }
  return definition;
}

function question({ name, why }: Proposal, definition: ServerDefinition, before: ServerDefinition | undefined): string {
  const fence = '`'.repeat(4);
  const what = isProgram(definition)
    ? 'run this program, which can do whatever programs of this claw can'
    : 'send what its tools are asked to this address';
  const env =
    isProgram(definition) && definition.env.length > 0 ? [`It gets the variables ${definition.env.join(', ')}.`] : [];
  return [
    `The agent wants to use an MCP server "${name}": ${what}.`,
    `${fence}\n${describeServer(definition).replaceAll(fence, "''''")}\n${fence}`,
    ...env,
    ...(before === undefined
      ? []
      : [`So far it was: ${describeServer(before).slice(0, maxShownChars).replaceAll('`', "'")}`]),
    `Why, in the agent's words: ${cleanText(why, whyChars).replaceAll('\n', ' ')}`,
  ].join('\n');
}

async function requireYes(text: string, call: Call, { config, call: use }: Parts): Promise<string> {
  const timeoutMs = config.askMs;
  const choices = [
    { id: 'yes', label: 'Yes' },
    { id: 'no', label: 'No' },
  ];
  // The question has a limit of its own, which comes first.
  const options = { timeoutMs: timeoutMs + 10_000, signal: call.signal, key: `${call.key} propose` };
  const answer = (await use('service:chat.ask', { question: text, choices, timeoutMs }, options)) as JsonObject;
  if (answer.choice === 'yes') return String(answer.by ?? 'a person');
  if (answer.choice === 'no')
    throw new ClayError('REFUSED', 'The person said no to this MCP server. Do not ask again.');
  throw new ClayError(
    'NEEDS_APPROVAL',
    `Nobody said yes to this MCP server (${String(answer.reason ?? 'no answer')}).`,
  );
}
