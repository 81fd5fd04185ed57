import { ClayError, type Json } from '@clay/sdk';
import type { HostCapability } from '../../kernel/host-capabilities.ts';
import { z } from '../../schema.ts';
import type { DeliveryParts } from '../delivery-parts.ts';
import { isProvider } from '../provider.ts';
import { longestQuestionMs, parseAsk } from './ask-request.ts';
import type { Questions } from './questions.ts';

const press = z.strictObject({
  channel: z.string().min(1),
  chat: z.string().min(1),
  user: z.string().min(1),
  /** What the connector was given as `key`. */
  key: z.string().min(1),
  /** The id of the choice. */
  choice: z.string().min(1),
});

/**
 * `chat.ask` {question, choices: [{id, label}], timeoutMs?, to?, channel?} → {choice: id | null, by?, reason?: 'timeout' |
 * 'unreachable'} waits for a person as long as the question is open. The channel shows it by its own `service:<channel>.ask`
 * {chat, text, format, choices, key} → {id?}, or as a text with numbered choices; `service:<channel>.settle` {chat, key, id,
 * text} hears of an end that the channel has not seen.
 *
 * `chat.answer` {channel, chat, user, key, choice} → {state: 'answered' | 'ended' | 'unknown', text} is a button that was
 * pressed; only the plugin that provides the channel can tell.
 */
export function questionServices(parts: DeliveryParts, questions: Questions): readonly HostCapability[] {
  // The receiver says what is wrong with it, by name.
  const parameters = { type: 'object' } as const;
  return [
    {
      kind: 'service',
      name: 'chat.ask',
      description: 'Asks a person and waits for the choice: `{choice, by?, reason?}`.',
      parameters,
      details: { idempotent: true, timeoutMs: longestQuestionMs },
      run: async (args, call) => {
        const request = parseAsk(args);
        // Nobody hears an answer that comes after the call's own time.
        const timeoutMs = Math.min(request.timeoutMs, call.timeoutMs);
        const { caller: asker, key, session, signal } = call;
        const answer = await questions.ask({ ...request, timeoutMs, asker, key, session, signal });
        return { ...answer };
      },
    },
    {
      kind: 'service',
      name: 'chat.answer',
      description: 'Hands in which button of a question a person pressed: `{state, text}`.',
      parameters,
      details: { idempotent: true },
      run: (args, { caller }) => {
        const { channel, chat, user, key, choice } = parsePress(args);
        // Else any plugin could say yes in the name of a person.
        if (!isProvider(parts.registry, channel, caller))
          throw new ClayError('REFUSED', `chat.answer: ${caller} does not provide the channel "${channel}".`);
        const question = parts.store.questions.get(key);
        if (question !== undefined && (question.channel !== channel || question.chat !== chat))
          throw new ClayError('REFUSED', `chat.answer: the question was not asked in the chat ${chat} of ${channel}.`);
        return { ...questions.answer(key, choice, `${channel}:${user}`) };
      },
    },
  ];
}

function parsePress(args: Json): z.output<typeof press> {
  const parsed = press.safeParse(args);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.map(String).join('.')}: ${message}`);
  throw new ClayError('BAD_ARGUMENTS', `chat.answer: the answer does not fit. ${problems.join('; ')}.`);
}
