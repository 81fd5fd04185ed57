import { type Call, ClayError, type Context, toFailure } from '@clay/sdk';
import { z } from 'zod';

const answerShape = z.looseObject({ choice: z.string().nullable(), reason: z.string().optional() });
const spareMs = 5000;

/** Returns when a person has said yes. Throws `REFUSED` when they said no, and `NEEDS_APPROVAL` when nobody said anything. */
export async function confirm(
  ctx: Pick<Context, 'call'>,
  question: string,
  timeoutMs: number,
  call: Call,
): Promise<void> {
  const { choice, reason } = await ask(ctx, question, timeoutMs, call);
  switch (choice) {
    case 'yes':
      return;
    case 'no':
      throw new ClayError('REFUSED', 'The person said no. Nothing was sent.');
    default:
      throw new ClayError(
        'NEEDS_APPROVAL',
        `Nobody has said yes (${reason ?? 'no answer'}), and the operator wants a yes for what changes something on the platform. Nothing was sent.`,
      );
  }
}

async function ask(ctx: Pick<Context, 'call'>, question: string, timeoutMs: number, call: Call) {
  const choices = [
    { id: 'yes', label: 'Yes' },
    { id: 'no', label: 'No' },
  ];
  try {
    call.progress('waiting for a person’s yes');
    const options = { timeoutMs: timeoutMs + spareMs, key: call.key };
    return answerShape.parse(await ctx.call('service:chat.ask', { question, choices, timeoutMs }, options));
  } catch (error) {
    if (toFailure(error).code !== 'CAPABILITY_UNKNOWN') throw error;
    return { choice: null, reason: 'this claw has no way to ask' };
  }
}
