import { type Http, toFailure } from '@clay/sdk';

/** `unknown`: Telegram could not be asked. Matterbridge tries again by itself. */
export type TokenVerdict = 'good' | 'refused' | 'unknown';

/**
 * Matterbridge ends with a wrong token, and would be started again for ever: so it is asked before. Null: the claw's own
 * requests know no proxy, and would wait in vain.
 */
export async function checkToken(http: Http | null, token: string): Promise<{ verdict: TokenVerdict; reason: string }> {
  if (http === null) return { verdict: 'unknown', reason: 'Telegram is behind a proxy, which only Matterbridge uses.' };
  try {
    const { status } = await http.fetch(`https://api.telegram.org/bot${token}/getMe`, { timeoutMs: 10_000 });
    if (status === 401 || status === 404) return { verdict: 'refused', reason: `Telegram answered ${status}.` };
    return { verdict: status === 200 ? 'good' : 'unknown', reason: `Telegram answered ${status}.` };
  } catch (error) {
    // The address holds the token.
    return { verdict: 'unknown', reason: toFailure(error).error.replaceAll(token, '…') };
  }
}
