import type { Config } from '../../../config/config.ts';
import { type Finding, failure, ok, warning } from './check.ts';

const askMs = 5_000;

/** Whether the bot's token is one, by asking Telegram for the bot's name. Without a token there is nothing to look at. */
export async function checkTelegram({ telegram, plugins }: Pick<Config, 'telegram' | 'plugins'>): Promise<Finding[]> {
  const { token, chatId, connector } = telegram;
  if (token === null) return [];
  const { baseUrl } = plugins.telegram ?? {};
  const api = typeof baseUrl === 'string' ? baseUrl : 'https://api.telegram.org';
  const way = connector === 'telegram' ? 'directly' : 'by Matterbridge';
  const found = await askForBot(api, token);
  if (found.state !== 'ok') return [found];
  const bot = ok('telegram', `${found.found}, served ${way}`);
  if (chatId !== null) return [bot];
  const remedy = 'Set TELEGRAM_CHAT_ID, or send the bot /start and pair with the code that the log shows.';
  return [bot, warning('telegram chat', 'nobody may talk to it yet', remedy)];
}

async function askForBot(api: string, token: string): Promise<Finding> {
  try {
    const response = await fetch(`${api}/bot${token}/getMe`, { signal: AbortSignal.timeout(askMs) });
    const answer = (await response.json()) as {
      readonly ok: boolean;
      readonly result?: { readonly username?: string };
    };
    if (answer.ok) return ok('telegram', `@${answer.result?.username ?? 'a bot without a name'}`);
    const remedy = 'Ask @BotFather on Telegram for the token of your bot (/mybots) and set TELEGRAM_BOT to it.';
    return failure('telegram', `Telegram does not know this token (${response.status})`, remedy);
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    // The token stands in the address: nothing of the request is told.
    const reason = cause.replaceAll(token, '…');
    return warning('telegram', `${api} cannot be asked: ${reason}`, 'Look at the network, then ask again.');
  }
}
