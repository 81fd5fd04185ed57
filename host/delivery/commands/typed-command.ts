/** A `/name` at the beginning of a message, as it was typed. */
export interface TypedCommand {
  readonly name: string;
  readonly argument: string;
}

/** In a group, Telegram puts the bot's name behind the command: `/help@clay_bot`. */
const typed = /^\/([a-z][a-z0-9-]*)(?:@\S+)?(?:\s+([\s\S]*))?$/i;

/** What chat services send when a person meets a bot. */
const aliases: Readonly<Record<string, string>> = { start: 'help' };

/** Null for an ordinary text. Whether anybody answers the command is another question. */
export function parseCommand(text: string): TypedCommand | null {
  const [, name, argument = ''] = typed.exec(text.trim()) ?? [];
  if (name === undefined) return null;
  const plain = name.toLowerCase();
  return { name: Object.hasOwn(aliases, plain) ? (aliases[plain] ?? plain) : plain, argument: argument.trim() };
}
