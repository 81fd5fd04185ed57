import type { EventJson, SessionJson } from '../../agent/event-json.ts';
import { systemClock } from '../../clock.ts';
import type { News } from '../../medic/generations/medic.ts';
import { CliError, UnreachableError } from '../cli-error.ts';
import type { ClawAddress } from './find-claw.ts';
import { readServerSentEvents } from './server-sent-events.ts';

/** What a running claw says in one turn: its events, or at its end a failure that no event tells. */
export type ChatEvent = EventJson | { readonly error: string; readonly code: string };

/** How often a stream that was cut is taken up again before giving up. */
const reconnects = 5;
const reconnectMs = 500;

type Method = 'GET' | 'POST' | 'DELETE';

/** A running claw, over HTTP. */
export class ClawClient {
  readonly #address: ClawAddress;

  constructor(address: ClawAddress) {
    this.#address = address;
  }

  get url(): string {
    return this.#address.url;
  }

  /** One answer as JSON; a failure is a {@link CliError} in the claw's own words. */
  async ask<Answer>(method: Method, path: string, body?: object, signal?: AbortSignal): Promise<Answer> {
    const response = await this.#fetch(method, path, body, {}, signal);
    return (await response.json()) as Answer;
  }

  sessions(user: string): Promise<readonly SessionJson[]> {
    return this.ask('GET', sessionsPath(user));
  }

  session(user: string, id: string): Promise<SessionJson> {
    return this.ask('GET', sessionPath(user, id));
  }

  createSession(user: string, id?: string): Promise<SessionJson> {
    return this.ask('POST', id === undefined ? sessionsPath(user) : sessionPath(user, id));
  }

  deleteSession(user: string, id: string): Promise<unknown> {
    return this.ask('DELETE', sessionPath(user, id));
  }

  rewind(user: string, id: string, turns: number): Promise<SessionJson> {
    return this.ask('POST', `${sessionPath(user, id)}/rewind`, { turns });
  }

  cancel(user: string, id: string): Promise<{ readonly cancelled: boolean }> {
    return this.ask('POST', `${sessionPath(user, id)}/cancel`);
  }

  /** What the medic tells, from now on, until the claw stops or the line is cut. `onOpen` is called when nothing is missed any more. */
  async *news(signal: AbortSignal, onOpen: () => void = () => {}): AsyncGenerator<News> {
    const response = await this.#fetch('GET', '/api/admin/news', undefined, {}, signal);
    onOpen();
    for await (const { data } of readServerSentEvents(bodyOf(response))) if (data !== null) yield JSON.parse(data);
  }

  /** Sends a message; gives the events of its turn as they happen. A stream that is cut is taken up where it was. */
  async *chat(user: string, session: string, text: string, signal: AbortSignal): AsyncGenerator<ChatEvent> {
    const body = {
      appName: 'clay',
      userId: user,
      sessionId: session,
      newMessage: { role: 'user', parts: [{ text }] },
      streaming: true,
    };
    let response: Response | null = await this.#fetch('POST', '/api/run_sse', body, {}, signal);
    let lastEventId = `${response.headers.get('x-clay-turn')}:0`;
    for (let attempt = 0; ; attempt += 1) {
      try {
        response ??= await this.#fetch('GET', '/api/run_sse', undefined, { 'last-event-id': lastEventId }, signal);
        for await (const event of readServerSentEvents(bodyOf(response))) {
          if (event.data !== null) yield JSON.parse(event.data);
          if (event.id !== null) [lastEventId, attempt] = [event.id, 0];
        }
        return;
      } catch (error) {
        const isFinal = error instanceof CliError && !(error instanceof UnreachableError);
        if (signal.aborted || isFinal || attempt === reconnects) throw error;
        response = null;
        await systemClock.sleep(reconnectMs * 2 ** attempt, signal);
      }
    }
  }

  async #fetch(
    method: Method,
    path: string,
    body: object | undefined,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal | undefined,
  ): Promise<Response> {
    const { url, token, from } = this.#address;
    let response: Response;
    try {
      response = await fetch(url + path, {
        method,
        headers: {
          ...headers,
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ...(signal === undefined ? {} : { signal }),
      });
    } catch (error) {
      if (signal?.aborted) throw error;
      const cause = (error as Error).cause;
      const why = cause instanceof Error && cause.message !== '' ? cause.message : (error as Error).message;
      throw new UnreachableError(
        `No claw answers at ${url} (from ${from}): ${why}. Start one with "npm start" or "clay start".`,
      );
    }
    if (response.ok) return response;
    throw new CliError(await explainRefusal(response));
  }
}

async function explainRefusal(response: Response): Promise<string> {
  const text = await response.text();
  try {
    const { error, output } = JSON.parse(text) as { readonly error?: unknown; readonly output?: unknown };
    // What a compiler said to the author stands beside the summary.
    if (typeof error === 'string') return typeof output === 'string' && output !== '' ? `${error}\n\n${output}` : error;
  } catch {
    // Not one of ours: a proxy in between answered, perhaps with a page.
  }
  return `The claw at ${response.url} answered ${response.status} ${response.statusText}: ${text.slice(0, 200)}`;
}

function bodyOf(response: Response): AsyncIterable<Uint8Array> {
  if (response.body === null) throw new CliError(`The claw at ${response.url} sent an empty answer.`);
  return response.body;
}

function sessionsPath(user: string): string {
  return `/api/apps/clay/users/${encodeURIComponent(user)}/sessions`;
}

function sessionPath(user: string, id: string): string {
  return `${sessionsPath(user)}/${encodeURIComponent(id)}`;
}
