import { join } from 'node:path';
import { ownerMark, runMark } from './marked-processes.ts';

export interface ProgramEnvironment {
  /** The plugin's own folder. */
  readonly home: string;
  readonly baseUrl: string;
  readonly token: string;
  readonly model: string;
  readonly retries: number;
  readonly commandMs: number;
  readonly maxOutputTokens: number;
  readonly isThinking: boolean;
  /** Marks every process of the run, also those that leave its group. */
  readonly mark: string;
}

/** Where programs are on a machine that says nothing. */
const usualPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The folders below `home` that the program expects to find. */
export function foldersIn(home: string): readonly string[] {
  return ['settings', 'home', 'tmp'].map((name) => join(home, name));
}

/** In the environment of all that this claw's Claude Code has started. */
export function clawMark(home: string): string {
  return `CLAUDE_CONFIG_DIR=${foldersIn(home)[0]}`;
}

/**
 * All that the program sees of the host: no secret but the token of this run, and a home of its own, so that it finds
 * neither the operator's settings nor a login. One model stands in for all that it knows by name.
 */
export function programEnvironment(options: ProgramEnvironment): Record<string, string> {
  const { home, baseUrl, token, model, retries, commandMs, maxOutputTokens, isThinking, mark } = options;
  const { PATH = usualPath, LANG = 'C.UTF-8', TZ } = process.env;
  const [settings = '', userHome = '', temporary = ''] = foldersIn(home);
  return {
    PATH,
    LANG,
    ...(TZ !== undefined && { TZ }),
    HOME: userHome,
    TMPDIR: temporary,
    CLAUDE_CONFIG_DIR: settings,
    [runMark]: mark,
    [ownerMark]: String(process.pid),
    ANTHROPIC_BASE_URL: baseUrl,
    ANTHROPIC_AUTH_TOKEN: token,
    ANTHROPIC_MODEL: model,
    ANTHROPIC_DEFAULT_OPUS_MODEL: model,
    ANTHROPIC_DEFAULT_SONNET_MODEL: model,
    ANTHROPIC_DEFAULT_HAIKU_MODEL: model,
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_AUTOUPDATER: '1',
    CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS: '1',
    CLAUDE_CODE_ATTRIBUTION_HEADER: '0',
    CLAUDE_CODE_MAX_RETRIES: String(retries),
    CLAUDE_CODE_MAX_OUTPUT_TOKENS: String(maxOutputTokens),
    BASH_DEFAULT_TIMEOUT_MS: String(Math.min(120_000, commandMs)),
    BASH_MAX_TIMEOUT_MS: String(commandMs),
    ...(isThinking ? {} : { CLAUDE_CODE_DISABLE_THINKING: '1' }),
  };
}
