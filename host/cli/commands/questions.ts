import { CliError } from '../cli-error.ts';
import { ClawClient } from '../client/claw-client.ts';
import { findClaw } from '../client/find-claw.ts';
import type { Command } from '../command.ts';
import { safeText } from '../terminal/safe-text.ts';
import { formatTime } from '../terminal/time.ts';

interface OpenQuestion {
  readonly id: string;
  readonly question: string;
  readonly choices: readonly { readonly id: string; readonly label: string }[];
  readonly expiresAt: number;
}

const path = '/api/admin/questions';

export const questions: Command = {
  usage: '[CHOICE | ID CHOICE] [--json]',
  help: `
Lists what waits for a person's answer, such as an approval, with its choices. With a CHOICE answers the one question
that is open, or the one with this ID. People in chats are asked there as well; the first answer holds.

  clay questions yes
`,
  options: { json: { type: 'boolean' } },
  maxArgs: 2,
  async run({ env, terminal, args, options }) {
    const client = new ClawClient(findClaw(env));
    const open = await client.ask<readonly OpenQuestion[]>('GET', path);
    if (args.length === 0) {
      if (options.json === true) terminal.print(JSON.stringify(open, null, 2));
      else if (open.length === 0) terminal.print('Nothing waits for an answer.');
      for (const one of options.json === true ? [] : open) {
        const choices = one.choices.map(({ id, label }) => `${terminal.style('bold', id)} (${safeText(label)})`);
        terminal.print(`${safeText(one.question)}\n\n  ${choices.join(', ')}`);
        terminal.print(`  until ${formatTime(one.expiresAt)}: clay questions ${one.id} CHOICE\n`);
      }
      return 0;
    }
    const [first, second] = args;
    const { id, choice } = second === undefined ? { id: theOnly(open), choice: first } : { id: first, choice: second };
    const answered = await client.ask<{ state: string; text: string }>('POST', `${path}/${encodeURIComponent(id!)}`, {
      choice,
    });
    terminal.print(options.json === true ? JSON.stringify(answered, null, 2) : safeText(answered.text));
    return answered.state === 'answered' ? 0 : 1;
  },
};

function theOnly(open: readonly OpenQuestion[]): string {
  const [only, another] = open;
  if (only === undefined) throw new CliError('Nothing waits for an answer.');
  if (another === undefined) return only.id;
  throw new CliError(
    `${open.length} questions are open: name one by its ID. They are ${open.map(({ id }) => id).join(', ')}.`,
  );
}
