import type { HostMessage, PluginMessage } from '@clay/sdk/wire';

/**
 * What a plugin without a process says to a message: it holds nothing, so that there is nothing to begin, to give up or
 * to release. `none`: nothing; null: it has to wake for it.
 */
export function answerAsleep(message: HostMessage): PluginMessage | 'none' | null {
  switch (message.type) {
    case 'live':
    case 'commit':
    case 'drain':
      return { type: 'done', step: message.type };
    case 'revoke':
      return { type: 'done', step: 'revoke', lease: message.lease };
    case 'ping':
      return { type: 'pong', id: message.id, rssBytes: 0 };
    case 'hello':
    case 'setup':
    case 'answer':
    case 'cancel':
    case 'credit':
      return 'none';
    case 'call':
    case 'grant':
      return null;
  }
}
