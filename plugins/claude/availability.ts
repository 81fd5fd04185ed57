import type { ClaudeConfig } from './claude-config.ts';

/** Where the program is; or what stands in the way, and what the operator can do. */
export type Availability =
  | { readonly program: string; readonly problem: null }
  | { readonly program: null; readonly problem: string };

/** Its licence lets nobody but its maker hand it on: it is not part of any image of ours. */
const howToInstall =
  'Claude Code is not installed. Its licence does not let this claw bring it along: install it with "npm install -g @anthropic-ai/claude-code" (about 380 MB), or set CLAUDE_BIN to where it is, and restart the claw. Until then the agent works with its own files tools.';

export function availabilityOf({ shell, claudeCode }: Pick<ClaudeConfig, 'shell' | 'claudeCode'>): Availability {
  const not = (problem: string): Availability => ({ program: null, problem });
  if (claudeCode.program === null) return not(howToInstall);
  if (shell === 'off') return not('Claude Code runs programs, and the operator has turned that off (CLAY_SHELL=off).');
  if (!claudeCode.hasModel) {
    return not(
      'Claude Code is installed, but the claw’s model provider does not speak the Anthropic Messages API, which it needs. Set ANTHROPIC_API_KEY, and ANTHROPIC_API_BASE for another provider of that API.',
    );
  }
  return { program: claudeCode.program, problem: null };
}
