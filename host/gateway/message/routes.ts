import type { JsonObject } from '@clay/sdk';
import type { Turn } from '../../agent/turns/turn.ts';
import { explainOutcome } from '../../delivery/friendly-error.ts';
import { checkName } from '../adk/names.ts';
import { subjectOf } from '../auth/subject.ts';
import type { Drain } from '../drain.ts';
import { findResumePoint, formatEventId } from '../event-id.ts';
import { EventStream } from '../event-stream.ts';
import type { App, Reply, Request } from '../fastify.ts';
import { parseBody } from '../parse-body.ts';
import type { GatewayParts } from '../parts.ts';
import { Refusal } from '../refusal.ts';
import { type CommandAnswer, type FoundCommand, findCommand } from '../typed-command.ts';
import { findCurrentSession, startNewSession } from './current-session.ts';
import { toMessageEvents } from './message-event.ts';
import { findSender, messageRequest } from './message-request.ts';
import { MessageTurns, replyOf, type WrittenMessage } from './message-turns.ts';

interface Message extends WrittenMessage {
  /** Answers in place of the model. */
  readonly command: FoundCommand | null;
}

/**
 * `POST /msg` and `POST /msg/stream`: one message from a person, and the answer. A client that goes away does not end
 * the turn; it comes back to a stream by the same `POST` with `Last-Event-ID`, and to an answer with its `Idempotency-Key`.
 */
export function addMessageRoutes(app: App, parts: GatewayParts, drain: Drain): void {
  const { agentHost, store, clock, metrics } = parts;
  const turns = new MessageTurns(parts);

  app.post(
    '/msg',
    { config: { access: 'chat', about: 'Sends a message; answers when the turn is over.', body: messageRequest } },
    async (request) => {
      const message = readMessage(request);
      if (message.command !== null) {
        const { text, code } = await message.command.run(message.session);
        return code === undefined ? { text } : { text, error: code };
      }
      const answering = turns.answer(message);
      return 'turn' in answering ? await replyOf(answering.turn) : answering.reply;
    },
  );

  app.post(
    '/msg/stream',
    { config: { access: 'chat', about: 'Sends a message; answers with events.', body: messageRequest } },
    async (request, reply) => {
      const lastEventId = request.headers['last-event-id'];
      if (typeof lastEventId === 'string' && lastEventId !== '') {
        const { turn, afterId } = findResumePoint(agentHost.turns, lastEventId);
        return streamTurn(turn, afterId, reply);
      }
      const message = readMessage(request);
      if (message.command !== null) return streamCommand(message.command.run(message.session), reply);
      const answering = turns.answer(message);
      return 'turn' in answering ? streamTurn(answering.turn, undefined, reply) : streamReply(answering.reply, reply);
    },
  );

  for (const url of ['/msg', '/msg/stream']) {
    app.route({
      method: ['GET', 'PUT', 'PATCH', 'DELETE'],
      url,
      config: { access: 'open' },
      handler: (request) => {
        throw new Refusal('METHOD_NOT_ALLOWED', `${url} takes POST, not ${request.method}.`, { allow: 'POST' });
      },
    });
  }

  function readMessage(received: Request): Message {
    drain.admit();
    const request = parseBody(messageRequest, received.body);
    const sender = findSender(request, subjectOf(received));
    checkName('user', sender.user);
    checkName('protocol', sender.protocol);
    const command = findCommand(parts, request.text);
    const isNew = command?.name === 'new';
    const session = (isNew ? startNewSession : findCurrentSession)(agentHost, store.settings, sender);
    const key = received.headers['idempotency-key'];
    return {
      text: request.text,
      sender,
      session,
      key: typeof key === 'string' ? key : null,
      command,
    };
  }

  async function streamCommand(answering: Promise<CommandAnswer>, reply: Reply): Promise<void> {
    const stream = new EventStream(reply, clock);
    const { text, code } = await answering;
    await stream.send(code === undefined ? { type: 'end', text } : { type: 'error', text, code });
    stream.end();
  }

  async function streamReply({ text = '', error }: JsonObject, reply: Reply): Promise<void> {
    const stream = new EventStream(reply, clock);
    await stream.send(error === undefined ? { type: 'end', text } : { type: 'error', text, code: error });
    stream.end();
  }

  async function streamTurn(turn: Turn, afterId: number | undefined, reply: Reply): Promise<void> {
    const stream = new EventStream(reply, clock, { 'x-clay-turn': turn.id });
    const release = metrics.streamOpened();
    try {
      for await (const { id, event } of turn.events(afterId, stream.closed)) {
        const told = toMessageEvents(event);
        for (const [index, item] of told.entries()) {
          const isLast = index === told.length - 1;
          await stream.send(item, isLast ? formatEventId(turn.id, id) : undefined);
        }
      }
      if (stream.closed.aborted) return;
      const outcome = await turn.done;
      const failure = explainOutcome(outcome);
      if (failure === null) await stream.send({ type: 'end', text: outcome.text });
      else await stream.send({ type: 'error', text: failure.text, code: failure.code });
    } finally {
      release();
      stream.end();
    }
  }
}
