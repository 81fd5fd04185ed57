import { editSuffix, quoteMark } from '../incoming/marks.ts';

export interface TomlOptions {
  readonly port: number;
  /** Chats of the bot, each a gateway of its own: a gateway brings every message to all its channels. */
  readonly telegramChats: readonly string[];
  /** Has the operator a `[general]` of their own? */
  readonly hasGeneral: boolean;
}

/**
 * What Telegram lets a bot fetch. Matterbridge says nothing of a file above it, not even the words below the file: what the
 * claw does not take it leaves out itself, and says so.
 */
const mediaBytes = 20_000_000;

/** The account that matterbridge knows the claw by. */
export const apiAccount = 'api.clay';

/** What a gateway of an operator's own has to name. */
export const apiChannel = `{account="${apiAccount}",channel="api"}`;

/**
 * The configuration for matterbridge, without a secret: those come by the environment. The bot's messages are marked in
 * ways that no person writes, so that an edit or a quote is told from words.
 */
export function bridgeToml({ port, telegramChats, hasGeneral }: TomlOptions): string {
  const general = `[general]\nMediaDownloadSize=${mediaBytes}\nIgnoreFailureOnStart=false\n`;
  const api = [
    `[${apiAccount}]`,
    `BindAddress="127.0.0.1:${port}"`,
    'Buffer=1000',
    'RemoteNickFormat="{NICK}"',
    '',
  ].join('\n');
  const telegram = [
    '[telegram.bot]',
    'MessageFormat="HTMLNick"',
    'RemoteNickFormat="{NICK}"',
    'DisableWebPagePreview=true',
    'UseFirstName=false',
    'MediaConvertWebPToPNG=true',
    `EditSuffix=${tomlString(editSuffix)}`,
    'QuoteDisable=false',
    `QuoteFormat=${tomlString(`{MESSAGE}${quoteMark}{QUOTENICK}${quoteMark}{QUOTEMESSAGE}${quoteMark}`)}`,
    'QuoteLengthLimit=500',
    '',
  ].join('\n');
  const gateways = telegramChats.map((chat) =>
    [
      '[[gateway]]',
      `name=${tomlString(telegramGateway(chat))}`,
      'enable=true',
      `inout=[{account="telegram.bot",channel=${tomlString(chat)}},${apiChannel}]`,
      '',
    ].join('\n'),
  );
  return [
    '# Written by the claw at every start: bridges of your own go into a file of yours.\n',
    ...(hasGeneral ? [] : [general]),
    api,
    ...(telegramChats.length > 0 ? [telegram] : []),
    ...gateways,
  ].join('\n');
}

function telegramGateway(chat: string): string {
  return `telegram-${chat.replaceAll('/', '-')}`;
}

/** The chat as its messages name it (`incoming/bridge-message.ts`). */
export function telegramChat(chat: string): string {
  return `${telegramGateway(chat)}/telegram/${chat}`;
}

function tomlString(text: string): string {
  // JSON's escapes are TOML's too.
  return JSON.stringify(text);
}
