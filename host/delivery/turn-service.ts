import { ClayError } from '@clay/sdk';
import type { AgentHost } from '../agent/agent-host.ts';
import type { HostCapability } from '../kernel/host-capabilities.ts';
import type { DeliveryParts } from './delivery-parts.ts';
import { explainOutcome } from './friendly-error.ts';
import { jsonField } from './json-field.ts';

/** Lets a plugin begin a turn of its own, such as a heartbeat: nobody hears its answer but the caller. */
export function turnService(
  { store }: Pick<DeliveryParts, 'store'>,
  agentHost: () => AgentHost | undefined,
): HostCapability {
  const text = { type: 'string', minLength: 1 };
  return {
    kind: 'service',
    name: 'turns.start',
    description: 'Runs a turn in a session, which is made when it is not there, and gives its answer: `{text, turn}`.',
    parameters: {
      type: 'object',
      properties: { user: text, session: text, text },
      required: ['user', 'session', 'text'],
      additionalProperties: false,
    },
    async run(args, { caller, signal }) {
      const host = agentHost();
      if (host === undefined) throw new ClayError('UNAVAILABLE', 'turns.start: the host takes no turns yet.');
      const app = host.appName;
      const [user, session, said] = ['user', 'session', 'text'].map((name) => String(jsonField(args, name)));
      const key = { app, user: user ?? '', session: session ?? '' };
      if (store.sessions.get(key, 'none') === undefined) store.sessions.create(key);
      const message = { role: 'user', parts: [{ text: said ?? '' }] };
      const turn = host.turns.start({ ...key, message, streaming: false, caller });
      const cancel = () => turn.cancel('its caller cancelled it');
      signal?.addEventListener('abort', cancel, { once: true });
      const outcome = await turn.done;
      signal?.removeEventListener('abort', cancel);
      const failure = explainOutcome(outcome);
      if (failure !== null) throw new ClayError('MODEL', failure.text, { data: { code: failure.code, turn: turn.id } });
      return { text: outcome.text, turn: turn.id };
    },
  };
}
