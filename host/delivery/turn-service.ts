import { ClayError, type Json } from '@clay/sdk';
import type { AgentHost } from '../agent/agent-host.ts';
import type { EventJson } from '../agent/event-json.ts';
import type { TurnOutcome } from '../agent/turns/turn.ts';
import type { HostCapability } from '../kernel/host-capabilities.ts';
import type { SessionKey } from '../store/session-store.ts';
import type { DeliveryParts } from './delivery-parts.ts';
import { explainOutcome } from './friendly-error.ts';
import { readStoredTurn } from './inbox/stored-outcome.ts';
import { jsonField } from './json-field.ts';
import { type StartedTurn, StartedTurns } from './started-turns.ts';

export interface TurnServiceOptions {
  readonly parts: Pick<DeliveryParts, 'store'>;
  /** Resolves when the host takes turns. */
  readonly agentHost: Promise<AgentHost>;
  /** Resolves when the turns that an earlier host left open go on. */
  readonly resumed: Promise<void>;
}

/**
 * Lets a plugin begin a turn of its own, such as a heartbeat: nobody hears its answer but the caller. Asked again under the
 * same key, also by another process, it gives the answer of the turn that was begun then.
 */
export function turnService(options: TurnServiceOptions): HostCapability {
  const started = new StartedTurns(options.parts.store.settings);
  const text = { type: 'string', minLength: 1 };
  return {
    kind: 'service',
    name: 'turns.start',
    description:
      'Runs a turn in a session, which is made when it is not there, and gives its answer: `{text, turn}`. Without a session: in the one that the conversation or the user of this name has now.',
    parameters: {
      type: 'object',
      properties: {
        user: text,
        session: text,
        text,
        schedule: { ...text, description: 'The schedule that is due, for its budget.' },
      },
      required: ['user', 'text'],
      additionalProperties: false,
    },
    details: { idempotent: true },
    async run(args, { caller, key, signal }) {
      // Waited for, not refused: the journal would give a refusal again to whoever asks under this key.
      const host = await Promise.race([options.agentHost, aborted(signal)]);
      const name = `${caller}:${key}`;
      const earlier = started.get(name);
      const known = earlier && (await outcomeOf(earlier, host, options, signal));
      const [turn, outcome] = known ?? (await begin(args, caller, name, host, options, started, signal));
      // The next host goes on with the turn, and answers who asks there; until then the call has no end.
      if (outcome.isParked) return new Promise<never>(() => undefined);
      const failure = explainOutcome(outcome);
      if (failure !== null) throw new ClayError('MODEL', failure.text, { data: { code: failure.code, turn } });
      return { text: outcome.text, turn };
    },
  };
}

type Ended = readonly [turn: string, outcome: TurnOutcome];

async function begin(
  args: Json,
  caller: string,
  name: string,
  host: AgentHost,
  { parts: { store } }: TurnServiceOptions,
  started: StartedTurns,
  signal: AbortSignal | undefined,
): Promise<Ended> {
  const user = String(jsonField(args, 'user'));
  const wanted = jsonField(args, 'session');
  const session = typeof wanted === 'string' ? wanted : currentSession(host.appName, user, store);
  const key = { app: host.appName, user, session };
  if (store.sessions.get(key, 'none') === undefined) store.sessions.create(key);
  const message = { role: 'user', parts: [{ text: String(jsonField(args, 'text')) }] };
  const schedule = jsonField(args, 'schedule');
  const origin = { caller, ...(typeof schedule === 'string' && { schedule }) };
  const turn = host.turns.start({ ...key, message, streaming: false, ...origin });
  // In the tick of its start: nothing of the turn is stored before its name is.
  started.add(name, { turn: turn.id, user, session });
  const cancel = () => turn.cancel('its caller cancelled it');
  signal?.addEventListener('abort', cancel, { once: true });
  const outcome = await turn.done;
  signal?.removeEventListener('abort', cancel);
  return [turn.id, outcome];
}

function currentSession(app: string, user: string, { conversations, sessions }: DeliveryParts['store']): string {
  const [newest] = sessions.list({ app, user, limit: 1, order: 'newest' }).sessions;
  return conversations.get(user)?.session ?? newest?.session ?? user;
}

/** Of a turn that was begun under this key before; undefined when nothing of it is there, so that it is begun again. */
async function outcomeOf(
  { turn, user, session }: StartedTurn,
  host: AgentHost,
  { parts: { store }, resumed }: TurnServiceOptions,
  signal: AbortSignal | undefined,
): Promise<Ended | undefined> {
  if (host.turns.get(turn) === undefined) await Promise.race([resumed, aborted(signal)]);
  const running = host.turns.get(turn);
  if (running !== undefined) return [turn, await running.done];
  const stored = readStoredTurn(eventsOf({ app: host.appName, user, session }, turn, store), host.appName);
  switch (stored.kind) {
    case 'ended':
      return [turn, stored.outcome];
    case 'unbegun':
      return undefined;
    case 'unfinished':
      throw new ClayError('CALL_OUTCOME_UNKNOWN', 'The host was restarted several times while this turn ran.');
  }
}

function eventsOf(key: SessionKey, turn: string, { sessions }: DeliveryParts['store']): EventJson[] {
  if (sessions.get(key, 'none') === undefined) return [];
  const events = sessions.events(key, 'all').map(({ event }) => event as unknown as EventJson);
  return events.filter(({ invocationId }) => invocationId === turn);
}

function aborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    const reason = () => reject(new ClayError('CANCELLED', 'turns.start: its caller cancelled it.'));
    if (signal?.aborted) reason();
    else signal?.addEventListener('abort', reason, { once: true });
  });
}
