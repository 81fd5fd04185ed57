import { existsSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { parsePermission } from '@clay/sdk';
import { z } from '../schema.ts';
import { type PublicKeys, parsePublicKeys } from './public-keys.ts';

/**
 * One thing an operator can set: by environment variable, by `clay.json` (dotted key), or not at all.
 * A secret has no key: it never comes from a file that the agent could write.
 */
export interface Setting<Value = unknown> {
  readonly key: string | null;
  readonly env: string | null;
  readonly schema: z.ZodType<Value>;
  readonly fallback: Value;
  readonly doc: string;
  readonly secret?: boolean;
}

const setting = <Value>(
  key: string | null,
  env: string | null,
  schema: z.ZodType<Value>,
  fallback: NoInfer<Value>,
  doc: string,
): Setting<Value> => ({ key, env, schema, fallback, doc });

const secret = (env: string, doc: string): Setting<string | null> => ({
  key: null,
  env,
  schema: z.string().min(1).nullable(),
  fallback: null,
  doc,
  secret: true,
});

const port = z.int().min(0).max(65_535);
const count = (minimum: number) => z.int().min(minimum);
const price = z.strictObject({
  input: z.number().min(0),
  output: z.number().min(0),
  cacheRead: z.number().min(0).default(0),
  cacheWrite: z.number().min(0).default(0),
});
const scopeProblem =
  'must be "claw", or "user:", "plugin:" or "schedule:" with a name behind it; "*" is for each of them';
const spendingScope = z.string().regex(/^(claw|(user|plugin|schedule):.+)$/, scopeProblem);
const allowance = z
  .strictObject({
    usdPerDay: z.number().min(0).optional(),
    usdPerMonth: z.number().min(0).optional(),
    tokensPerDay: z.int().min(0).optional(),
    tokensPerMonth: z.int().min(0).optional(),
  })
  .refine((limits) => Object.keys(limits).length > 0, {
    message: 'needs one of usdPerDay, usdPerMonth, tokensPerDay, tokensPerMonth',
  });
const approval = z
  .string()
  .regex(
    /^(shell|write|deploy|post|write outside \S.*|(tool|agent|service):[\w.*-]+(\(\s*\w+\s*=.*\))?)$/,
    'must be shell, write, deploy, post, "write outside FOLDER", or a name such as tool:bash, tool:publish_* or tool:bash(command=rm *)',
  );
const timeZone = z
  .string()
  .refine((zone) => isTimeZone(zone), { message: 'must be a time zone, such as "Europe/Berlin" or "UTC"' });
const permission = z.string().superRefine((text, context) => {
  const read = parsePermission(text);
  if (typeof read === 'string') context.addIssue({ code: 'custom', message: read });
});
const provider = z.enum(['offline', 'anthropic', 'gemini']);
/** A variable is text. */
const onOrOff = z.union([z.boolean(), z.enum(['0', '1', 'true', 'false']).transform((text) => /1|true/.test(text))]);
const shell = z.enum(['on', 'ask', 'off']);
const idProblem = 'must be a number, such as 5001 or -1001234567890';
const isTelegramId = (id: string) => /^-?\d+$/.test(id);
/** In `clay.json` as a number or as text; ids of groups are negative. */
const telegramId = z.union([z.string(), z.int()]).transform(String).refine(isTelegramId, { message: idProblem });
const telegramIds = z.union([
  z.array(telegramId),
  z
    .string()
    .transform((text) => text.split(/[\s,]+/).filter(Boolean))
    .refine((ids) => ids.every(isTelegramId), { message: idProblem }),
]);
const publicKeys = z.string().transform((text, context): PublicKeys => {
  const read = parsePublicKeys(text);
  if (typeof read !== 'string') return read;
  context.addIssue({ code: 'custom', message: read });
  return z.NEVER;
});
const isOrigin = (text: string) => URL.canParse(text) && new URL(text).origin === text && text !== 'null';
const originProblem = 'must be origins, such as https://gather.is, without a path';
/** Also as text with commas between. */
const originList = z
  .union([z.array(z.string()), z.string().transform((text) => text.split(/[\s,]+/).filter(Boolean))])
  .refine((list) => list.every(isOrigin), { message: originProblem });
const chatConnector = z.enum(['auto', 'matterbridge', 'telegram']);
/** As Go writes it, in which the original was written. */
const duration = z
  .string()
  .regex(/^(0|(\d+(\.\d+)?(ms|s|m|h|d))+)$/, 'must be a duration such as "30m" or "1h30m", or 0');
const logLevel = z.enum(['debug', 'info', 'warn', 'error']);
const logFormat = z.enum(['auto', 'json', 'text']);

function isTimeZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** Every setting, with its one default. `clay config` and the template of `clay.json` are made from this table. */
export const settings = {
  host: setting('server.host', 'CLAY_HOST', z.string().min(1), '127.0.0.1', 'Address of the public port.'),
  port: setting('server.port', 'CLAY_PORT', port, 8080, 'Public port; 0 picks a free one.'),
  adkPort: setting('server.adkPort', 'ADK_PORT', port, 8081, 'Loopback port; 0 picks a free one.'),
  origins: setting(
    'server.origins',
    'CLAY_ORIGINS',
    originList,
    [],
    'Origins whose pages may use this claw with a token, with commas between: https://gather.is.',
  ),
  clawName: setting(
    'name',
    'CLAW_NAME',
    z.string().min(1).nullable(),
    null,
    'Name of this claw: what signed tokens must be made for.',
  ),
  authKeys: setting(
    'auth.publicKeys',
    'CLAW_AUTH_PUBLIC_KEYS',
    publicKeys.nullable(),
    null,
    'Whose signed tokens are taken beside the claw’s own: the address of a JWKS, a JWKS, or Ed25519 public keys in base64 with commas between. Needs CLAW_NAME.',
  ),
  authIssuer: setting(
    'auth.issuer',
    'CLAW_AUTH_ISSUER',
    z.string().min(1).nullable(),
    null,
    'Who must have issued a signed token. Unset: whoever holds the keys.',
  ),
  token: secret('CLAY_TOKEN', 'Control token. Unset: made at first start and kept in the data folder.'),

  provider: setting(
    'model.provider',
    'MODEL_PROVIDER',
    provider.nullable(),
    null,
    'offline, anthropic or gemini. Unset: the one whose key is set, else offline.',
  ),
  anthropicKey: secret('ANTHROPIC_API_KEY', 'Key of the Anthropic-compatible endpoint, sent as x-api-key.'),
  anthropicToken: secret('ANTHROPIC_AUTH_TOKEN', 'The same, sent as Authorization: Bearer.'),
  anthropicBase: setting(
    'model.baseUrl',
    'ANTHROPIC_API_BASE',
    z.url({ protocol: /^https?$/ }),
    'https://api.z.ai/api/anthropic',
    'Anthropic-compatible endpoint.',
  ),
  anthropicModel: setting(
    'model.name',
    'ANTHROPIC_MODEL',
    z.string().min(1).nullable(),
    null,
    'Model name. Unset: glm-5, or a Claude model when the endpoint is api.anthropic.com.',
  ),
  modelNames: setting(
    'model.names',
    null,
    z.array(z.string().min(1)),
    [],
    'Further models of the same provider, of which people choose theirs with /model.',
  ),
  maxTokens: setting('model.maxTokens', 'CLAY_MAX_TOKENS', count(1), 8192, 'Longest answer, in tokens.'),
  thinkingTokens: setting(
    'model.thinkingTokens',
    'CLAY_THINKING_TOKENS',
    z.union([z.literal(0), count(1024)]),
    0,
    'Budget of thinking tokens; 0 turns thinking off, otherwise at least 1,024 and below model.maxTokens.',
  ),
  geminiKey: secret('GOOGLE_API_KEY', 'Key of Gemini (GEMINI_API_KEY and GOOGLE_GENAI_API_KEY are read too).'),
  geminiModel: setting('model.gemini', 'GEMINI_MODEL', z.string().min(1), 'gemini-2.5-flash', 'Gemini model name.'),

  maxLlmCalls: setting('limits.maxLlmCalls', null, count(1), 40, 'Model calls in one turn.'),
  turnMs: setting('limits.turnMs', null, count(1000), 1_800_000, 'Longest turn, in milliseconds.'),
  modelIdleMs: setting(
    'limits.modelIdleMs',
    null,
    count(1000),
    120_000,
    'A model call that sends nothing for this long is given up, in milliseconds.',
  ),
  toolResultChars: setting(
    'limits.toolResultChars',
    null,
    count(1000),
    50_000,
    'Characters of a tool result that the model sees; the whole is kept as an artifact.',
  ),
  compactAtTokens: setting(
    'limits.compactAtTokens',
    null,
    count(1000),
    115_200,
    'Tokens of context at which a session is compacted.',
  ),
  bodyBytes: setting('limits.bodyBytes', null, count(1024), 10_485_760, 'Largest request body, in bytes.'),
  probationMs: setting(
    'limits.probationMs',
    null,
    count(1000),
    30_000,
    'How long a new generation is watched before it is kept, in milliseconds.',
  ),
  pluginIdleMs: setting(
    'limits.pluginIdleMs',
    null,
    count(0),
    300_000,
    'After so long without a call the process of a plugin that may sleep ends until the next one, in milliseconds.',
  ),
  approvalMs: setting(
    'limits.approvalMs',
    null,
    count(1000),
    600_000,
    'How long a call waits for a person’s yes before it is refused, in milliseconds.',
  ),
  drainMs: setting('limits.drainMs', null, count(0), 30_000, 'Time that open turns get on SIGTERM, in milliseconds.'),
  requestsPerMinute: setting(
    'limits.requestsPerMinute',
    null,
    count(1),
    6000,
    'Requests a minute from one address on control routes.',
  ),

  shell: setting(
    'shell',
    'CLAY_SHELL',
    shell,
    'ask',
    'on: the agent runs shell commands as this user, so that it can read what this user can, keys, token and databases too; ask: a person has to agree; off: never.',
  ),
  shellUser: setting(
    'shellUser',
    'CLAY_SHELL_USER',
    z.string().min(1).nullable(),
    null,
    'Runs shells, scripts and the programs that plugins start as this user (a name, uid or uid:gid), who cannot read the claw’s state. Needs a host that runs as root. Unset: as the host’s own.',
  ),
  telegramBot: secret('TELEGRAM_BOT', 'Token of the Telegram bot that speaks for the claw, as @BotFather gives it.'),
  telegramChat: setting(
    'telegram.chatId',
    'TELEGRAM_CHAT_ID',
    telegramId.nullable(),
    null,
    'Your own id: the private chat in which the bot listens when nobody is named. Unset, with nobody named: the log tells a code to pair with.',
  ),
  telegramUsers: setting(
    'telegram.allowedUsers',
    'TELEGRAM_ALLOWED_USERS',
    telegramIds,
    [],
    'Ids of the Telegram users who may talk to the claw, in private and in groups, with commas between. Unset: only the configured chat.',
  ),
  chatConnector: setting(
    'telegram.connector',
    'CHAT_CONNECTOR',
    chatConnector,
    'auto',
    'telegram: the bot is served directly; matterbridge: by Matterbridge; auto: by Matterbridge when its program is found.',
  ),
  claudeBin: setting(
    null,
    'CLAUDE_BIN',
    z
      .string()
      .refine((file) => isAbsolute(file) && existsSync(file), { message: 'must be the absolute path of a program' })
      .nullable(),
    null,
    'Claude Code, where it is installed. Default: "claude" on the PATH.',
  ),
  gatherPrivateKey: secret(
    'GATHER_PRIVATE_KEY',
    'Ed25519 key by which the claw proves who it is: PEM, or base64 of PEM, of DER or of the 32-byte seed. Unset: made at first start and kept in data/identity.pem.',
  ),
  gatherPublicKey: secret('GATHER_PUBLIC_KEY', 'Its public key, to be checked against it.'),
  gatherBase: setting(
    'platform.baseUrl',
    'GATHER_BASE_URL',
    z.url({ protocol: /^https?$/ }).nullable(),
    null,
    'Address of the gather platform. Unset: https://gather.is where a key or an agent id is set, else the claw has nothing to do with it.',
  ),
  gatherAgent: setting(
    'platform.agentId',
    'GATHER_AGENT_ID',
    z.string().min(1).nullable(),
    null,
    'Id of the claw on the platform. Unset: the one that the platform tells.',
  ),
  heartbeatInterval: setting(
    'heartbeat.interval',
    'HEARTBEAT_INTERVAL',
    duration.nullable(),
    null,
    'Time between heartbeats, in which the agent works on its tasks by itself: from 1m to 24h; 0 turns them off. Unset: 15m.',
  ),
  logLevel: setting('log.level', 'CLAY_LOG_LEVEL', logLevel, 'info', 'debug, info, warn or error.'),
  logFormat: setting('log.format', 'CLAY_LOG_FORMAT', logFormat, 'auto', 'auto, json or text.'),
  backupKeep: setting('backup.keep', null, count(0), 7, 'Daily backups kept; 0 turns them off.'),
  database: setting(null, 'CLAY_DB', z.string().min(1).nullable(), null, 'Database file. Default data/messages.db.'),
  extensions: setting(
    null,
    'EXTENSIONS_DIR',
    z.string().min(1).nullable(),
    null,
    'Folder of .star extensions. Default data/extensions.',
  ),

  prices: setting(
    'prices',
    null,
    z.record(z.string(), price),
    {},
    'US dollars for a million tokens, by model: { "glm-5": { "input": 0.6, "output": 2.2 } }.',
  ),
  budgets: setting(
    'budgets',
    null,
    z.record(spendingScope, allowance),
    {},
    'What the model may cost, in dollars or tokens a day or month: { "claw": { "usdPerDay": 5 }, "user:*": { "tokensPerDay": 200000 } }. Scopes: claw, user:NAME, plugin:NAME, schedule:NAME; * is each. Warns at 80 %, stops at 100 %.',
  ),
  timeZone: setting(
    'timeZone',
    'CLAY_TIME_ZONE',
    timeZone.nullable(),
    null,
    'Where a day and a month of the budgets begin, such as Europe/Berlin. Unset: the time zone of the machine.',
  ),
  plugins: setting(
    'plugins',
    null,
    z.record(z.string(), z.record(z.string(), z.json())),
    {},
    'A section for each plugin, by its name.',
  ),
  ceilings: setting(
    'ceilings',
    null,
    z.record(z.string(), z.array(permission)),
    {},
    'Permissions that no plugin from the volume gets beyond, by plugin name; "*" is for all. "clay grant" adds to it.',
  ),
  privateOrigins: setting(
    'privateOrigins',
    null,
    z.record(z.string(), z.array(z.url({ protocol: /^https?$/ }))),
    {},
    'Servers on private addresses that a plugin may reach by exactly this origin, by plugin name: { "research": ["http://searxng:8080"] }.',
  ),
  approvals: setting(
    'approvals',
    null,
    z.array(approval),
    [],
    'What waits for a person’s yes: shell, write, deploy, post, "write outside data", or tools by name: "tool:publish_*", "tool:bash(command=rm *)".',
  ),
  overrides: setting(
    'overrides',
    null,
    z.array(z.string()),
    [],
    'Protected plugins of the image, by name, that a plugin of the same name on the volume may replace.',
  ),
  watchPlugins: setting(
    'watchPlugins',
    'CLAY_WATCH_PLUGINS',
    onOrOff,
    false,
    '1: a plugin in data/plugins is deployed whenever it is saved, and taken away when it is deleted; 0: when it is asked for.',
  ),
} as const satisfies Record<string, Setting>;

export type Settings = typeof settings;
export type SettingName = keyof Settings;
export type SettingValues = { readonly [Name in SettingName]: z.output<Settings[Name]['schema']> };

/** Variables that other parts read, so that `CLAY_…` typos can be told from them. */
export const otherVariables = [
  'CLAY_ROOT',
  'CLAY_URL',
  'CLAY_DEV_UI',
  'CLAY_BUNDLE',
  'CLAY_SRC',
  'CLAY_STANDBY',
  'GEMINI_API_KEY',
  'GOOGLE_GENAI_API_KEY',
];
