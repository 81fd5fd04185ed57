import type { JsonObject } from '@clay/sdk';
import type { LogLevel } from '../log.ts';
import type { PublicKeys } from './public-keys.ts';

/** Everything an operator can set, validated once at the door. */
export interface Config {
  readonly paths: ConfigPaths;
  readonly server: ServerConfig;
  readonly auth: AuthConfig;
  readonly model: ModelConfig;
  readonly limits: Limits;
  readonly shell: 'on' | 'ask' | 'off';
  /** Whose shells, scripts and programs of plugins are: a name, `uid` or `uid:gid`. Null: the host's own user. */
  readonly shellUser: string | null;
  /** Where the agent's files and commands begin. Null: in the claw's folder, which a second user cannot write. */
  readonly workFolder: string | null;
  readonly telegram: TelegramConfig;
  /** `interval`: a duration such as `30m`; null: the plugin's own. */
  readonly heartbeat: { readonly interval: string | null };
  readonly claudeCode: ClaudeCodeConfig;
  readonly identity: IdentityConfig;
  readonly platform: PlatformConfig;
  readonly mcp: McpConfig;
  readonly log: { readonly level: LogLevel; readonly format: 'json' | 'text' };
  /** Price of a million tokens in US dollars, by model name. */
  readonly prices: Readonly<Record<string, Price>>;
  /** What the model may cost, by scope: `claw`, `user:NAME`, `plugin:NAME`, `schedule:NAME`; `*` is each. */
  readonly budgets: Readonly<Record<string, Allowance>>;
  /** IANA name of the zone in which days and months begin. */
  readonly timeZone: string;
  readonly backup: { readonly keep: number };
  /** Each plugin's section, validated by the plugin's own schema. */
  readonly plugins: Readonly<Record<string, JsonObject>>;
  /** Permissions that no plugin from the volume gets beyond, by plugin name; `*` is the default. */
  readonly ceilings: Readonly<Record<string, readonly string[]>>;
  /** Servers on private addresses that a plugin may reach, by plugin name. */
  readonly privateOrigins: Readonly<Record<string, readonly string[]>>;
  /** What waits for a person's yes; `shell` is among it where the shell is to ask. */
  readonly approvals: readonly string[];
  /** How long a call waits for it. */
  readonly approvalMs: number;
  /** Protected plugins of the image that the volume may replace: a person's yes. */
  readonly overrides: readonly string[];
  /** Whether plugins in `data/plugins` are deployed when they are saved. */
  readonly watchPlugins: boolean;
}

/** US dollars and tokens, read and written, of a day and a month. What is left out is not limited. */
export interface Allowance {
  readonly usdPerDay?: number | undefined;
  readonly usdPerMonth?: number | undefined;
  readonly tokensPerDay?: number | undefined;
  readonly tokensPerMonth?: number | undefined;
}

/** Which Telegram bot speaks for the claw, and to whom. */
export interface TelegramConfig extends JsonObject {
  /** Null: none. */
  readonly token: string | null;
  readonly chatId: string | null;
  readonly allowedUsers: readonly string[];
  /** What carries its messages: one of two, as both would read one bot's updates. */
  readonly connector: 'matterbridge' | 'telegram';
}

/** Anthropic's coding program, which the operator installs: its licence lets nobody else hand it on. */
export interface ClaudeCodeConfig extends JsonObject {
  /** Absolute path; null: not installed. */
  readonly program: string | null;
  /** Whether the claw's model provider speaks the API that it needs. */
  readonly hasModel: boolean;
}

/** The claw's own key, as the operator set it; null: it makes one. It stays in the host. */
export interface IdentityConfig {
  readonly privateKey: string | null;
  readonly publicKey: string | null;
}

/** The platform on which claws meet. */
export interface PlatformConfig extends JsonObject {
  /** Without a slash at its end. Null: the claw has nothing to do with it. */
  readonly baseUrl: string | null;
  readonly agentId: string | null;
}

/** What MCP servers are given of the host's environment, because the operator names it in `plugins.mcp`. */
export interface McpConfig extends JsonObject {
  readonly variables: Readonly<Record<string, string>>;
}

export interface ConfigPaths {
  readonly root: string;
  readonly data: string;
  /** `CLAY_DB`. */
  readonly database: string;
  readonly journal: string;
  readonly soul: string;
  readonly public: string;
  readonly extensions: string;
  readonly files: string;
  readonly artifacts: string;
  readonly backups: string;
  /** The operator's file. */
  readonly clayJson: string;
}

export interface ServerConfig {
  /** Address of the public port. Default `127.0.0.1`. */
  readonly host: string;
  /** Default 8080; 0 picks a free one. */
  readonly port: number;
  /** Loopback only. Default 8081; 0 picks a free one. */
  readonly adkPort: number;
  /** `CLAY_TOKEN`, or null: then made at first start. */
  readonly token: string | null;
  /** Whose pages may use the claw with a token. */
  readonly origins: readonly string[];
}

/** Whose signed tokens are taken, beside the claw's own. */
export interface AuthConfig {
  /** Null: nobody's. */
  readonly keys: PublicKeys | null;
  /** The claw's name. Not null where there are keys. */
  readonly audience: string | null;
  readonly issuer: string | null;
}

export type ModelConfig = OfflineModelConfig | AnthropicModelConfig | GeminiModelConfig;

export interface OfflineModelConfig {
  readonly provider: 'offline';
}

export interface AnthropicModelConfig {
  readonly provider: 'anthropic';
  readonly apiKey: string;
  /** `x-api-key` or `Authorization: Bearer`. */
  readonly keyStyle: 'key' | 'bearer';
  readonly baseUrl: string;
  readonly model: string;
  /** Further ones, of which people may choose. Default: none. */
  readonly names?: readonly string[];
  /** Default 8,192. */
  readonly maxTokens: number;
  /** Budget of thinking tokens; 0 turns thinking off. */
  readonly thinkingTokens: number;
}

export interface GeminiModelConfig {
  readonly provider: 'gemini';
  readonly apiKey: string;
  readonly model: string;
  /** Further ones, of which people may choose. Default: none. */
  readonly names?: readonly string[];
}

export interface Price {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
}

/** Each limit's default stands in `defaults.ts`. */
export interface Limits {
  /** Model calls in one turn. */
  readonly maxLlmCalls: number;
  /** A whole turn. */
  readonly turnMs: number;
  /** One model call without a byte arriving. */
  readonly modelIdleMs: number;
  /** A tool's result as the model sees it; the rest becomes an artifact. */
  readonly toolResultChars: number;
  /** Tokens in a session's context before it is compacted. */
  readonly compactAtTokens: number;
  /** A request body. */
  readonly bodyBytes: number;
  /** How long a new generation is watched before it is kept. */
  readonly probationMs: number;
  /** From the last use of a plugin that may sleep to the end of its process. */
  readonly pluginIdleMs: number;
  /** Drain of open turns on SIGTERM. */
  readonly drainMs: number;
  /** Requests a minute and address on control routes. */
  readonly requestsPerMinute: number;
}
