import { ClayError } from '@clay/sdk';
import type { AgentHost } from '../../agent/agent-host.ts';
import type { EventJson, SessionJson } from '../../agent/event-json.ts';
import type { App } from '../fastify.ts';
import { parseBody } from '../parse-body.ts';
import { Refusal } from '../refusal.ts';
import { checkApp, checkName, type SessionParams, sessionKey } from './names.ts';
import { createSessionRequest, patchSessionRequest, rewindRequest } from './run-request.ts';

type UserParams = Pick<SessionParams, 'app' | 'user'>;

/** Sessions of a user, as the ADK API has them; and cancel and rewind, which it has not. */
export function addSessionRoutes(app: App, agentHost: AgentHost): void {
  const { sessions, turns, appName } = agentHost;
  const list = '/apps/:app/users/:user/sessions';
  const one = `${list}/:session`;

  app.get<{ Params: UserParams }>(
    list,
    { config: { access: 'chat', about: 'Sessions of a user, newest first, without their events.' } },
    (request) => {
      const user = checkName('user', request.params.user);
      return sessions.list(checkApp(request.params.app, appName), user);
    },
  );

  app.post<{ Params: UserParams }>(
    list,
    { config: { access: 'chat', about: 'Creates a session; the body may be empty.', body: createSessionRequest } },
    (request) => create(request.params, undefined, request.body),
  );

  app.post<{ Params: SessionParams }>(
    one,
    { config: { access: 'chat', about: 'Creates a session of this name.', body: createSessionRequest } },
    (request) => create(request.params, request.params.session, request.body),
  );

  app.get<{ Params: SessionParams }>(
    one,
    { config: { access: 'chat', about: 'A session with its events.' } },
    (request) => sessions.get(sessionKey(request.params, appName)),
  );

  app.patch<{ Params: SessionParams }>(
    one,
    { config: { access: 'chat', about: 'Changes the state of a session.', body: patchSessionRequest } },
    (request) => {
      const { stateDelta } = parseBody(patchSessionRequest, request.body);
      return sessions.patchState(sessionKey(request.params, appName), stateDelta);
    },
  );

  app.delete<{ Params: SessionParams }>(
    one,
    { config: { access: 'chat', about: 'Deletes a session; an open turn of it is cancelled.' } },
    async (request) => {
      await sessions.delete(sessionKey(request.params, appName));
      return {};
    },
  );

  app.post<{ Params: SessionParams }>(
    `${one}/cancel`,
    { config: { access: 'chat', about: 'Cancels the open turn of a session, and those that wait behind it.' } },
    (request) => {
      const key = sessionKey(request.params, appName);
      if (!sessions.has(key)) throw unknownSession(key.id);
      return { cancelled: turns.cancel(key.app, key.user, key.id) };
    },
  );

  app.post<{ Params: SessionParams }>(
    `${one}/rewind`,
    { config: { access: 'chat', about: 'Undoes the last turns of a session.', body: rewindRequest } },
    (request) => {
      const key = sessionKey(request.params, appName);
      const target = parseBody(rewindRequest, request.body);
      return sessions.rewind(key, target.rewindBeforeInvocationId ?? findTurn(sessions.get(key), target.turns ?? 1));
    },
  );

  function create(params: UserParams, sessionId: string | undefined, body: unknown): SessionJson {
    const request = parseBody(createSessionRequest, body);
    const app = checkApp(params.app, appName);
    const user = checkName('user', params.user);
    const id = sessionId ?? request.sessionId;
    if (id !== undefined && sessions.has({ app, user, id })) {
      throw new Refusal('SESSION_EXISTS', `Session already exists: ${id}`);
    }
    return sessions.create({
      app,
      user,
      ...(id === undefined ? {} : { id: checkName('session', id) }),
      ...(request.state === undefined ? {} : { state: request.state }),
      ...(request.events === undefined ? {} : { events: request.events as unknown as EventJson[] }),
    });
  }
}

export function unknownSession(id: string): ClayError {
  return new ClayError('NOT_FOUND', `There is no session ${JSON.stringify(id)}. Create it by POST …/sessions.`);
}

/** The turn that is `count` turns back from the end. */
function findTurn(session: SessionJson, count: number): string {
  const turnIds = [...new Set(session.events.map((event) => event.invocationId))];
  const found = turnIds.at(-count);
  if (found !== undefined) return found;
  throw new ClayError('BAD_ARGUMENTS', `turns is ${count}, but the session ${session.id} has ${turnIds.length}.`);
}
