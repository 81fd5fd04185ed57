import type { SessionKey } from '../../agent/agent-host.ts';
import type { EventJson } from '../../agent/event-json.ts';
import type { Turn, TurnOutcome } from '../../agent/turns/turn.ts';
import type { Drain } from '../drain.ts';
import { findResumePoint, formatEventId } from '../event-id.ts';
import { EventStream } from '../event-stream.ts';
import type { App, Reply } from '../fastify.ts';
import { parseBody } from '../parse-body.ts';
import type { GatewayParts } from '../parts.ts';
import { commandEvent, type FoundCommand, findCommand } from '../typed-command.ts';
import { sessionKey } from './names.ts';
import { type RunRequest, runRequest } from './run-request.ts';
import { unknownSession } from './sessions.ts';

interface Run {
  readonly request: RunRequest;
  readonly session: SessionKey;
  /** Answers in place of the model. */
  readonly command: FoundCommand | null;
}

/**
 * `POST /run` and `POST /run_sse`. A client that goes away does not end its turn. It comes back by `GET /run_sse`, or by
 * the same `POST` again, with `Last-Event-ID`: then the body is not read, and no new turn is started.
 */
export function addRunRoutes(app: App, parts: GatewayParts, drain: Drain): void {
  const { agentHost, clock, metrics } = parts;

  app.post(
    '/run',
    { config: { access: 'chat', about: 'Runs a turn; answers with its events when it is over.', body: runRequest } },
    async (request, reply) => {
      const run = readRun(request.body);
      if (run.command !== null)
        return [commandEvent(await run.command.run(run.session), agentHost.appName, clock.now())];
      const turn = startTurn(run, false);
      reply.header('x-clay-turn', turn.id);
      const outcome = await turn.done;
      const events = outcome.events.filter((event) => event.partial !== true);
      const failure = findUntoldFailure(outcome, events);
      if (failure === null) return events;
      return reply.code(500).send({ ...failure, events });
    },
  );

  app.post(
    '/run_sse',
    { config: { access: 'chat', about: 'Runs a turn; answers with its events as they happen.', body: runRequest } },
    async (request, reply) => {
      const lastEventId = request.headers['last-event-id'];
      if (typeof lastEventId === 'string' && lastEventId !== '') return resume(lastEventId, reply);
      const run = readRun(request.body);
      if (run.command === null) return streamTurn(startTurn(run, true), undefined, reply);
      const stream = new EventStream(reply, clock);
      await stream.send(commandEvent(await run.command.run(run.session), agentHost.appName, clock.now()));
      stream.end();
    },
  );

  app.get<{ Querystring: { lastEventId?: string } }>(
    '/run_sse',
    { config: { access: 'chat', about: 'Comes back to a turn: Last-Event-ID (or ?lastEventId=) says where.' } },
    (request, reply) => resume(String(request.headers['last-event-id'] ?? request.query.lastEventId ?? ''), reply),
  );

  function resume(lastEventId: string, reply: Reply): Promise<void> {
    const { turn, afterId } = findResumePoint(agentHost.turns, lastEventId);
    return streamTurn(turn, afterId, reply);
  }

  function readRun(body: unknown): Run {
    drain.admit();
    const request = parseBody(runRequest, body);
    const session = sessionKey(
      { app: request.appName, user: request.userId, session: request.sessionId },
      agentHost.appName,
    );
    const text = request.newMessage.parts.map((part) => part.text ?? '').join('');
    const command = findCommand(parts, text);
    if (command !== null && !agentHost.sessions.has(session)) throw unknownSession(session.id);
    return { request, session, command };
  }

  function startTurn({ request, session }: Run, isStream: boolean): Turn {
    return agentHost.turns.start({
      app: session.app,
      user: session.user,
      session: session.id,
      message: { role: 'user', ...request.newMessage },
      ...(request.stateDelta === undefined ? {} : { stateDelta: request.stateDelta }),
      streaming: isStream && request.streaming === true,
      caller: 'http',
    });
  }

  async function streamTurn(turn: Turn, afterId: number | undefined, reply: Reply): Promise<void> {
    const stream = new EventStream(reply, clock, { 'x-clay-turn': turn.id });
    const release = metrics.streamOpened();
    const told: EventJson[] = [];
    try {
      for await (const { id, event } of turn.events(afterId, stream.closed)) {
        if (event.errorCode !== undefined) told.push(event);
        await stream.send(event, formatEventId(turn.id, id));
      }
      if (stream.closed.aborted) return;
      const failure = findUntoldFailure(await turn.done, told);
      if (failure !== null) await stream.send(failure);
    } finally {
      release();
      stream.end();
    }
  }
}

/** A failed turn that no event tells of: the client must hear of it in another way. */
function findUntoldFailure(outcome: TurnOutcome, events: readonly EventJson[]): { error: string; code: string } | null {
  if (outcome.status !== 'failed' || events.some((event) => event.errorCode !== undefined)) return null;
  const error = outcome.error ?? { code: 'INTERNAL', message: 'The turn failed without saying why.' };
  return { error: error.message, code: error.code };
}
