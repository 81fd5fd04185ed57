import { styleText } from 'node:util';
import type { Claw } from './claw.ts';
import type { Config } from './config/config.ts';
import { isLoopbackAddress } from './gateway/guard.ts';
import { tokenFile } from './gateway/token-file.ts';

/** What a person reads when a claw has started: where to talk, how, and what is missing. */
export function banner(claw: Claw, config: Config, isPretty: boolean): string {
  const bold = (text: string) => (isPretty ? styleText('bold', text) : text);
  const { urls, token, kernel, notices } = claw;
  const plugins = kernel.plugins();
  const failed = plugins.filter((plugin) => plugin.failure !== null);
  const lines = [
    `${bold('Clay is ready.')}`,
    `  Chat here      npm run chat        (or: clay chat "hello")`,
    `  Over HTTP      curl ${urls.publicUrl}/msg ${tokenHeader(claw, config)}-H 'content-type: application/json' -d '{"text":"hello"}'`,
    `  ADK API        ${urls.adkUrl}   (web UI at ${urls.adkUrl}/dev-ui/)`,
    `  Model          ${describeModel(config)}`,
    ...describeTelegram(config),
    `  Plugins        ${plugins.length - failed.length} run; npm run clay plugins lists them`,
    `  Everything in  ${config.paths.root}`,
  ];
  if (token.isNew) lines.push(`  Token          ${token.value}   (shown once; kept in data/token)`);
  if (token.wasExposed) lines.push('  The token file was readable by others; it no longer is. Consider a new token.');
  for (const { name, failure } of failed) lines.push(`  ${name} did not start: ${failure?.phase}: ${failure?.message}`);
  for (const notice of notices) lines.push(`  ${notice}`);
  return `${lines.join('\n')}\n`;
}

/** Beyond loopback every chat route wants the token. */
function tokenHeader({ token }: Claw, { server, paths }: Config): string {
  if (isLoopbackAddress(server.host)) return '';
  const value = token.from === 'CLAY_TOKEN' ? '$CLAY_TOKEN' : `$(cat ${tokenFile(paths.data)})`;
  return `-H "authorization: Bearer ${value}" `;
}

/** Only where there is a bot: who has none need not read of it. */
function describeTelegram({ telegram }: Config): readonly string[] {
  if (telegram.token === null) return [];
  const way = telegram.connector === 'telegram' ? 'by the Bot API' : 'by Matterbridge';
  const who = telegram.chatId === null ? 'nobody yet: set TELEGRAM_CHAT_ID, or pair' : `chat ${telegram.chatId}`;
  return [`  Telegram       ${way}, ${who}`];
}

function describeModel({ model }: Config): string {
  switch (model.provider) {
    case 'offline':
      return 'offline: plain commands only, "help" lists them. Set ANTHROPIC_API_KEY for a language model.';
    case 'anthropic':
      return `${model.model} at ${model.baseUrl}`;
    case 'gemini':
      return `${model.model} (Gemini)`;
  }
}
