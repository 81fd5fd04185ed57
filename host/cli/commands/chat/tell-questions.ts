import type { Clock } from '@clay/sdk';
import { CliError } from '../../cli-error.ts';
import type { ClawClient } from '../../client/claw-client.ts';
import { safeText } from '../../terminal/safe-text.ts';

interface OpenQuestion {
  readonly id: string;
  readonly question: string;
  readonly choices: readonly { readonly id: string }[];
}

const pollMs = 1_500;

/**
 * Says, while a turn runs, which answers the claw waits for, each once: it asks in chats, and this terminal is none. Ends
 * when it is aborted, or when this program may not know of questions.
 */
export async function tellQuestions(
  client: Pick<ClawClient, 'ask'>,
  note: (text: string) => void,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const told = new Set<string>();
  try {
    for (;;) {
      await clock.sleep(pollMs, signal);
      const open = await client.ask<readonly OpenQuestion[]>('GET', '/api/admin/questions', undefined, signal);
      for (const { id, question, choices } of open.filter((one) => !told.has(one.id))) {
        told.add(id);
        note(`waits for an answer: ${safeText(question)}`);
        note(`in another terminal: npm run clay questions ${id} ${choices.map((choice) => choice.id).join('|')}`);
      }
    }
  } catch (error) {
    if (!signal.aborted && !(error instanceof CliError)) throw error;
  }
}
