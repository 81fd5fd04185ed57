import { foreignText } from '@clay/sdk';
import type { Me, Message } from '../bot-api.ts';

const longestQuote = 500;

/** What a message says, with what it answers to in front. Words of others, forwarded or quoted, are marked as theirs. */
export function textOfMessage(message: Message, me: Me, isEdited: boolean): string {
  const said = [saidIn(message), ...extrasOf(message)].filter(Boolean).join('\n');
  if (message.forward_origin !== undefined && said !== '') return forwarded(message.forward_origin, said);
  const text = withoutOwnName(said, me);
  const edited = isEdited && text !== '' ? `[edited] ${text}` : text;
  const quote = quoteOf(message, me);
  return quote === '' ? edited : `${quote}\n\n${edited}`;
}

/** Whether words in a group are meant for the bot. Telegram shows a bot nothing else, unless its owner wanted more. */
export function isAddressed(message: Message, me: Me): boolean {
  const text = saidIn(message);
  const [, bot] = /^\/[a-z0-9_]+@(\w+)/i.exec(text) ?? [];
  if (bot !== undefined) return bot.toLowerCase() === me.username?.toLowerCase();
  if (!me.can_read_all_group_messages || text.startsWith('/')) return true;
  if (message.reply_to_message?.from?.id === me.id) return true;
  return me.username !== undefined && text.toLowerCase().includes(`@${me.username.toLowerCase()}`);
}

const saidIn = ({ text, caption }: { readonly text?: string | undefined; readonly caption?: string | undefined }) =>
  text ?? caption ?? '';

function extrasOf({ sticker, location, contact, poll }: Message): string[] {
  return [
    sticker ? `[sticker ${sticker.emoji ?? ''}]` : '',
    location ? `[location: ${location.latitude}, ${location.longitude}]` : '',
    contact ? `[contact: ${contact.first_name} ${contact.phone_number}]` : '',
    poll ? `[poll: ${poll.question} (${poll.options.map((option) => option.text).join(', ')})]` : '',
  ];
}

/** `/help@clay_bot` is `/help`. */
function withoutOwnName(text: string, { username }: Me): string {
  return username === undefined ? text : text.replace(new RegExp(`^(/[a-z0-9_]+)@${username}\\b`, 'i'), '$1');
}

/** Never a command, and never a yes: somebody else has said it. */
function forwarded(origin: NonNullable<Message['forward_origin']>, text: string): string {
  return `[forwarded]\n${foreignText({ origin: 'person', source: nameOf(origin), text })}`;
}

function nameOf(origin: NonNullable<Message['forward_origin']>): string {
  switch (origin.type) {
    case 'user':
      return origin.sender_user.first_name;
    case 'hidden_user':
      return origin.sender_user_name;
    case 'chat':
      return origin.sender_chat.title ?? 'a chat';
    case 'channel':
      return origin.chat.title;
  }
}

function quoteOf({ from, reply_to_message: answered, quote }: Message, me: Me): string {
  if (answered === undefined) return '';
  const text = quote?.text ?? saidIn(answered);
  if (text === '') return '';
  const cut = text.length > longestQuote ? `${text.slice(0, longestQuote).toWellFormed()}…` : text;
  const name = answered.from?.first_name ?? 'somebody';
  const isTheirs = answered.from !== undefined && [me.id, from?.id].includes(answered.from.id);
  if (!isTheirs || answered.forward_origin !== undefined)
    return `[in reply to:]\n${foreignText({ origin: 'person', source: name, text: cut })}`;
  return [`> ${name} wrote:`, ...cut.split('\n').map((line) => `> ${line}`)].join('\n');
}
