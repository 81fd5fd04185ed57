import { ClayError } from '@clay/sdk';
import { z } from '../schema.ts';
import type { App } from './fastify.ts';
import { parseBody } from './parse-body.ts';
import type { GatewayParts } from './parts.ts';

const answerRequest = z.strictObject({ choice: z.string().min(1) });

/** What calls wait for a person to decide: seen and answered from the console, beside the chats. */
export function addQuestionRoutes(app: App, { questions }: Pick<GatewayParts, 'questions'>): void {
  app.get(
    '/api/admin/questions',
    { config: { access: 'control', about: 'Questions that wait for an answer, oldest first.' } },
    () =>
      questions.open().map(({ id, text, choices, channel, chat, askedAt, expiresAt }) => ({
        id,
        question: text,
        choices,
        channel,
        chat,
        askedAt,
        expiresAt,
      })),
  );

  app.post(
    '/api/admin/questions/:id',
    { config: { access: 'control', about: 'Answers one: {choice} is the id of a choice.', body: answerRequest } },
    (request) => {
      const { id } = request.params as { readonly id: string };
      const { state, text } = questions.answer(id, parseBody(answerRequest, request.body).choice, 'console');
      if (state === 'unknown') throw new ClayError('NOT_FOUND', `There is no question "${id}".`);
      return { state, text };
    },
  );
}
