import type { Log } from '@clay/sdk';
import type { AdkLogger } from './adk.ts';

/** The engine logs prose; it becomes events of ours, and its chatter stays out. */
export function engineLog(log: Log): AdkLogger {
  const tell = (level: 'warn' | 'error', words: readonly unknown[]) => {
    const message = words.map((word) => (word instanceof Error ? word.message : String(word))).join(' ');
    // The workflow agents that plugins describe are marked as deprecated in favour of ones that cannot be sub-agents yet.
    if (!/ is deprecated in favor of Workflow/.test(message)) log[level]('engine', { message });
  };
  return {
    log: () => undefined,
    debug: () => undefined,
    info: () => undefined,
    warn: (...words) => tell('warn', words),
    error: (...words) => tell('error', words),
    setLogLevel: () => undefined,
  };
}
