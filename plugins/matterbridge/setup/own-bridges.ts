import { ClayError } from '@clay/sdk';
import { apiAccount, apiChannel } from './bridge-toml.ts';

interface Table {
  readonly name: string;
  readonly line: number;
  readonly text: string;
}

export interface OwnBridges {
  readonly text: string;
  readonly hasGeneral: boolean;
  /** What matterbridge has to be told beside it. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Lines of an answer that may wait to be said on IRC: beyond its own thirty matterbridge drops them without a word. */
const ircQueue = '10000';

/** A line that begins a table. Text of several lines may look so too: it is then told, and the operator indents it. */
const header = /^\s*\[{1,2}\s*([^[\]]+?)\s*\]{1,2}\s*(#.*)?$/;

/**
 * Checks a configuration of the operator's before it is put behind ours, as a whole: each table stays as it was written,
 * none is ours already, and each gateway reaches the claw. Throws `BAD_ARGUMENTS` with the line.
 */
export function checkOwnBridges(text: string, file: string, hasTelegram: boolean): OwnBridges {
  const tables = tablesOf(text, file);
  const fail = (line: number, message: string): never => {
    throw new ClayError('BAD_ARGUMENTS', `${file}:${line}: ${message}`);
  };
  for (const { name, line, text: body } of tables) {
    if (name === apiAccount) fail(line, `[${apiAccount}] is the claw’s own account: leave it out.`);
    if (name === 'telegram.bot' && hasTelegram)
      fail(line, '[telegram.bot] is made from TELEGRAM_BOT: leave one of the two out, or call yours otherwise.');
    if (name !== 'gateway') continue;
    const gateway = /^\s*name\s*=\s*["']([^"']*)["']/m.exec(body)?.[1];
    if (gateway === undefined || gateway === '' || gateway.includes('/'))
      fail(line, 'this gateway needs a line such as name="room", without "/" in the name.');
    if (gateway?.startsWith('telegram-') && hasTelegram)
      fail(
        line,
        `the name ${JSON.stringify(gateway)} begins with "telegram-", as those that are made from TELEGRAM_CHAT_ID do: call it otherwise.`,
      );
    if (!body.includes(apiAccount))
      fail(line, `the gateway ${JSON.stringify(gateway)} does not reach the claw: add ${apiChannel} to its inout.`);
  }
  return { text, hasGeneral: tables.some(({ name }) => name === 'general'), environment: queuesOf(tables) };
}

/** Of the IRC accounts of which the operator says nothing else; a variable stands above the file. */
function queuesOf(tables: readonly Table[]): Readonly<Record<string, string>> {
  const accounts = tables.filter(({ name, text }) => name.startsWith('irc.') && !/^\s*MessageQueue\s*=/im.test(text));
  const variable = (account: string) => `MATTERBRIDGE_${account.replaceAll(/[.-]/g, '_').toUpperCase()}_MESSAGEQUEUE`;
  return Object.fromEntries(accounts.map(({ name }) => [variable(name), ircQueue]));
}

/** By name; tables of a gateway (`gateway.inout`) belong to it. */
function tablesOf(text: string, file: string): readonly Table[] {
  const tables: { name: string; line: number; text: string }[] = [];
  text.split('\n').forEach((source, index) => {
    const name = header.exec(source)?.[1];
    const last = tables.at(-1);
    if (name !== undefined && !(name.startsWith('gateway.') && last?.name === 'gateway')) {
      tables.push({ name, line: index + 1, text: '' });
    } else if (last !== undefined) {
      last.text += `${source}\n`;
    } else if (source.trim() !== '' && !source.trim().startsWith('#')) {
      throw new ClayError(
        'BAD_ARGUMENTS',
        `${file}:${index + 1}: before the first table there may be only comments; ${JSON.stringify(source.trim())} belongs into [general].`,
      );
    }
  });
  return tables;
}
