import { systemClock } from '../../../clock.ts';
import type { ClawClient } from '../../client/claw-client.ts';
import type { TurnView } from '../../terminal/turn-view.ts';
import { tellQuestions } from './tell-questions.ts';

/** Whatever tells of a Ctrl-C: the process, or the line editor that has the terminal. */
export interface Interrupts {
  on(event: 'SIGINT', listener: () => void): unknown;
  off(event: 'SIGINT', listener: () => void): unknown;
}

export interface TurnToRun {
  readonly client: ClawClient;
  readonly user: string;
  readonly session: string;
  readonly text: string;
  readonly view: TurnView;
  readonly interrupts: Interrupts;
}

const interruptedCode = 130;

/**
 * Says one thing and shows what comes of it. The first Ctrl-C asks the claw to stop and shows the end of the turn; the
 * second leaves it to itself. Resolves to the exit code.
 */
export async function runTurn({ client, user, session, text, view, interrupts }: TurnToRun): Promise<number> {
  const leave = new AbortController();
  let cancelling: Promise<unknown> | null = null;
  const onInterrupt = (): void => {
    if (cancelling !== null) {
      leave.abort();
      return;
    }
    view.note('stopping …');
    // When the claw cannot be asked, there is nothing to wait for.
    cancelling = client.cancel(user, session).catch(() => leave.abort());
  };
  interrupts.on('SIGINT', onInterrupt);
  const over = new AbortController();
  const telling = tellQuestions(client, (note) => view.note(note), systemClock, over.signal);
  try {
    for await (const event of client.chat(user, session, text, leave.signal)) view.show(event);
  } catch (error) {
    if (!leave.signal.aborted) throw error;
  } finally {
    interrupts.off('SIGINT', onInterrupt);
    over.abort();
    await telling;
    view.end();
  }
  if (cancelling !== null) {
    await cancelling;
    return interruptedCode;
  }
  return view.hasFailed ? 1 : 0;
}
