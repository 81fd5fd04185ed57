import { existsSync, readFileSync } from 'node:fs';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import type { z } from 'zod';
import { parseClayJson, suggest } from './clay-json.ts';
import type { ClaudeCodeConfig, Config, ConfigPaths, ModelConfig, TelegramConfig } from './config.ts';
import { ConfigError, type ConfigProblem } from './config-error.ts';
import { mcpVariables } from './mcp-variables.ts';
import { otherVariables, type Setting, type SettingName, type SettingValues, settings } from './settings.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Where a value came from. */
export type Origin = 'default' | `environment ${string}` | 'clay.json';

export interface LoadedConfig {
  readonly config: Config;
  readonly values: SettingValues;
  readonly origins: Readonly<Record<SettingName, Origin>>;
  /** Things that are probably mistakes but do no harm. */
  readonly warnings: readonly ConfigProblem[];
}

export interface LoadOptions {
  readonly env: Environment;
  /** Used when `CLAY_ROOT` is unset. */
  readonly defaultRoot: string;
  /** Whether logs go to a terminal. */
  readonly isTerminal: boolean;
}

const names = Object.keys(settings) as SettingName[];
const keys = names.flatMap((name) => settings[name].key ?? []);

/** Reads environment and `clay.json`; throws a {@link ConfigError} that names everything that is wrong. */
export function loadConfig(options: LoadOptions): LoadedConfig {
  const { env } = options;
  const root = resolve(env.CLAY_ROOT || options.defaultRoot);
  const clayJson = join(root, 'clay.json');
  const file = readClayJson(clayJson);
  const problems: ConfigProblem[] = [...file.problems];
  const values: Partial<Record<SettingName, unknown>> = {};
  const origins: Partial<Record<SettingName, Origin>> = {};
  for (const name of names) {
    const setting: Setting = settings[name];
    const { raw, origin } = findRaw(setting, env, file.values);
    origins[name] = origin;
    if (origin === 'default') {
      values[name] = setting.fallback;
      continue;
    }
    const parsed = setting.schema.safeParse(origin === 'clay.json' ? raw : fromEnvironment(setting, String(raw)));
    if (parsed.success) values[name] = parsed.data;
    else problems.push({ name: sourceName(setting, origin), message: describe(parsed.error, raw, setting) });
  }
  if (problems.length > 0) throw new ConfigError(problems);
  const all = values as SettingValues;
  const model = chooseModel(all, env, problems);
  if (all.authKeys !== null && all.clawName === null)
    problems.push({
      name: 'CLAW_NAME',
      message:
        'is needed because CLAW_AUTH_PUBLIC_KEYS is set: a signed token must be made for this claw, by its name.',
    });
  if (model !== null) problems.push(...unpricedBudgets(all, model));
  if (problems.length > 0 || model === null) throw new ConfigError(problems);
  const connector = all.chatConnector === 'auto' ? chooseConnector(env) : all.chatConnector;
  const claudeCode = { program: all.claudeBin ?? findProgram('claude', env), hasModel: model.provider === 'anthropic' };
  const config = assemble(all, model, locate(root, all, clayJson), connector, claudeCode, options);
  return { config, values: all, origins: origins as Record<SettingName, Origin>, warnings: findTypos(env) };
}

function findRaw(
  setting: Setting,
  env: Environment,
  file: ReadonlyMap<string, unknown>,
): { raw: unknown; origin: Origin } {
  const fromEnv = setting.env === null ? undefined : env[setting.env];
  if (fromEnv !== undefined && fromEnv !== '') return { raw: fromEnv, origin: `environment ${setting.env}` };
  if (setting.key !== null && file.has(setting.key)) return { raw: file.get(setting.key), origin: 'clay.json' };
  return { raw: undefined, origin: 'default' };
}

/** A variable is text: numbers are read when the setting wants one. */
function fromEnvironment(setting: Setting, text: string): unknown {
  const trimmed = text.trim();
  if (typeof setting.fallback !== 'number') return trimmed;
  return /^-?\d+(\.\d+)?$/.test(trimmed) ? Number(trimmed) : trimmed;
}

function sourceName(setting: Setting, origin: Origin): string {
  return origin === 'clay.json' ? `${setting.key} in clay.json` : (setting.env ?? '');
}

function describe(error: z.ZodError, raw: unknown, setting: Setting): string {
  const got = setting.secret ? '' : `, but is ${JSON.stringify(raw)}`;
  const issues = error.issues
    .map((issue) => [issue.path.join('.'), issue.message].filter(Boolean).join(': '))
    .join('; ');
  return `${issues}${got}. ${setting.doc}`;
}

function readClayJson(file: string): ReturnType<typeof parseClayJson> {
  try {
    return parseClayJson(readFileSync(file, 'utf8'), 'clay.json', keys);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // A root that is a file is told as such, with the name of the variable, when it is opened.
    if (code === 'ENOENT' || code === 'ENOTDIR') return { values: new Map(), problems: [] };
    throw new ConfigError([{ name: file, message: `cannot be read: ${(error as Error).message}` }]);
  }
}

/** A provider asked for by name needs its key; without a name, the one whose key is set; else offline. */
function chooseModel(values: SettingValues, env: Environment, problems: ConfigProblem[]): ModelConfig | null {
  const anthropicKey = values.anthropicKey ?? values.anthropicToken;
  const geminiKey = values.geminiKey ?? (env.GEMINI_API_KEY || env.GOOGLE_GENAI_API_KEY || null);
  const provider = values.provider ?? (anthropicKey ? 'anthropic' : geminiKey ? 'gemini' : 'offline');
  switch (provider) {
    case 'offline':
      return { provider };
    case 'gemini':
      if (geminiKey) return { provider, apiKey: geminiKey, model: values.geminiModel, names: values.modelNames };
      problems.push({
        name: 'GOOGLE_API_KEY',
        message:
          'is needed because MODEL_PROVIDER is gemini. Set it, or unset MODEL_PROVIDER to use the offline model.',
      });
      return null;
    case 'anthropic': {
      if (!anthropicKey) {
        problems.push({
          name: 'ANTHROPIC_API_KEY',
          message:
            'is needed because MODEL_PROVIDER is anthropic. Set it (or ANTHROPIC_AUTH_TOKEN), or unset MODEL_PROVIDER to use the offline model.',
        });
        return null;
      }
      if (values.thinkingTokens >= values.maxTokens) {
        problems.push({
          name: 'model.thinkingTokens',
          message: `is ${values.thinkingTokens}, which must be below model.maxTokens (${values.maxTokens})`,
        });
        return null;
      }
      return {
        provider,
        apiKey: anthropicKey,
        keyStyle: values.anthropicKey ? 'key' : 'bearer',
        baseUrl: values.anthropicBase.replace(/\/+$/, ''),
        model: values.anthropicModel ?? defaultModel(values.anthropicBase),
        names: values.modelNames,
        maxTokens: values.maxTokens,
        thinkingTokens: values.thinkingTokens,
      };
    }
  }
}

function defaultModel(baseUrl: string): string {
  return new URL(baseUrl).hostname.endsWith('anthropic.com') ? 'claude-sonnet-4-5' : 'glm-5';
}

function locate(root: string, values: SettingValues, clayJson: string): ConfigPaths {
  const data = join(root, 'data');
  const within = (path: string | null, fallback: string) =>
    path === null ? join(data, fallback) : isAbsolute(path) ? path : resolve(root, path);
  return {
    root,
    data,
    database: within(values.database, 'messages.db'),
    journal: join(data, 'journal.db'),
    soul: join(root, 'soul'),
    public: join(root, 'public'),
    extensions: within(values.extensions, 'extensions'),
    files: join(data, 'files'),
    artifacts: join(data, 'artifacts'),
    backups: join(data, 'backups'),
    clayJson,
  };
}

/** Matterbridge where it is installed, by the variable or on the PATH; else the bot is served directly. */
function chooseConnector(env: Environment): TelegramConfig['connector'] {
  if (env.MATTERBRIDGE_BIN) return 'matterbridge';
  return findProgram('matterbridge', env) === null ? 'telegram' : 'matterbridge';
}

function findProgram(name: string, env: Environment): string | null {
  const folders = (env.PATH ?? '').split(delimiter).filter(Boolean);
  return folders.map((folder) => resolve(folder, name)).find((file) => existsSync(file)) ?? null;
}

function assemble(
  values: SettingValues,
  model: ModelConfig,
  paths: ConfigPaths,
  connector: TelegramConfig['connector'],
  claudeCode: ClaudeCodeConfig,
  { env, isTerminal }: Pick<LoadOptions, 'env' | 'isTerminal'>,
): Config {
  return {
    paths,
    server: {
      host: values.host,
      port: values.port,
      adkPort: values.adkPort,
      token: values.token,
      origins: values.origins,
    },
    auth: { keys: values.authKeys, audience: values.clawName, issuer: values.authIssuer },
    model,
    limits: {
      maxLlmCalls: values.maxLlmCalls,
      turnMs: values.turnMs,
      modelIdleMs: values.modelIdleMs,
      toolResultChars: values.toolResultChars,
      compactAtTokens: values.compactAtTokens,
      bodyBytes: values.bodyBytes,
      probationMs: values.probationMs,
      pluginIdleMs: values.pluginIdleMs,
      drainMs: values.drainMs,
      requestsPerMinute: values.requestsPerMinute,
    },
    ...shellOf(values),
    shellUser: values.shellUser,
    workFolder: values.shellUser === null ? null : join(paths.root, 'work'),
    claudeCode,
    identity: { privateKey: values.gatherPrivateKey, publicKey: values.gatherPublicKey },
    platform: { baseUrl: platformUrl(values), agentId: values.gatherAgent },
    mcp: { variables: mcpVariables(values.plugins, env) },
    telegram: {
      token: values.telegramBot,
      chatId: values.telegramChat,
      allowedUsers: values.telegramUsers,
      connector,
    },
    heartbeat: { interval: values.heartbeatInterval },
    log: {
      level: values.logLevel,
      format: values.logFormat === 'auto' ? (isTerminal ? 'text' : 'json') : values.logFormat,
    },
    prices: values.prices,
    budgets: values.budgets,
    timeZone: values.timeZone ?? Temporal.Now.timeZoneId(),
    backup: { keep: values.backupKeep },
    plugins: values.plugins as Config['plugins'],
    ceilings: { '*': defaultCeiling, ...values.ceilings },
    privateOrigins: values.privateOrigins,
    approvalMs: values.approvalMs,
    overrides: values.overrides,
    watchPlugins: values.watchPlugins,
  };
}

/** Asked for by either setting, it is one thing: plugins that start programs hear of the first, the guard of calls of the second. */
function shellOf({ shell, approvals }: SettingValues): Pick<Config, 'shell' | 'approvals'> {
  const isAsked = shell === 'ask' || approvals.includes('shell');
  if (!isAsked) return { shell, approvals };
  return { shell: shell === 'off' ? 'off' : 'ask', approvals: [...new Set(['shell', ...approvals])] };
}

/** A budget in dollars that counts nothing would stop nothing, without a word. */
function unpricedBudgets({ budgets, prices }: SettingValues, model: ModelConfig): ConfigProblem[] {
  if (model.provider === 'offline') return [];
  const unpriced = [model.model, ...(model.names ?? [])].filter((name) => !Object.hasOwn(prices, name));
  const inDollars = Object.entries(budgets).filter(
    ([, { usdPerDay, usdPerMonth }]) => usdPerDay !== undefined || usdPerMonth !== undefined,
  );
  if (unpriced.length === 0) return [];
  return inDollars.map(([scope]) => ({
    name: `budgets.${scope} in clay.json`,
    message: `is in dollars, but "prices" has no price for ${unpriced.join(', ')}: add { "prices": { ${JSON.stringify(unpriced[0])}: { "input": …, "output": … } } }, zeros for a model that costs nothing, or limit tokensPerDay or tokensPerMonth`,
  }));
}

/** Who has set a key or an id for the platform means the one that there is. */
function platformUrl({ gatherBase, gatherPrivateKey, gatherAgent }: SettingValues): string | null {
  const isWanted = gatherPrivateKey !== null || gatherAgent !== null;
  return (gatherBase ?? (isWanted ? 'https://gather.is' : null))?.replace(/\/+$/, '') ?? null;
}

/** What nobody has to allow: what a good neighbour on the claw needs, and what the person can see or undo. */
const defaultCeiling = [
  'http:*',
  'fs.read:public',
  'memory.read',
  'memory.write',
  'soul.read',
  'tasks.read',
  'tasks.write',
  'chat.send',
  'llm',
];

function findTypos(env: Environment): ConfigProblem[] {
  const known = [...names.flatMap((name) => settings[name].env ?? []), ...otherVariables];
  return Object.keys(env)
    .filter((name) => name.startsWith('CLAY_') && !known.includes(name))
    .map((name) => ({ name, message: `is not a variable that Clay knows${suggest(name, known)}` }));
}
