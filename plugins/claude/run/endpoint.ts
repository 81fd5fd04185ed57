import type { Call, JsonObject } from '@clay/sdk';
import type { RunParts } from './run-claude.ts';

/** How the program reaches the claw's model: an address and a token for this run. */
export interface EndpointAccess {
  readonly baseUrl: string;
  readonly token: string;
  readonly model: string;
}

/** The steps of a run, and what the program asks beside them. */
const callsPerTurn = 2;

export async function openEndpoint(call: Call, { config, clock, call: use }: RunParts): Promise<EndpointAccess> {
  const { maxTurns, retries, graceMs, model } = config;
  const answer = (await use(
    'service:llm.endpoint',
    {
      maxCalls: maxTurns * callsPerTurn + retries,
      forMs: Math.max(1, call.deadline - clock.now() + graceMs),
      ...(model !== undefined && { model }),
    },
    { signal: call.signal },
  )) as JsonObject;
  return { baseUrl: String(answer.baseUrl), token: String(answer.token), model: String(answer.model) };
}

/** A token that cannot be given back ends by itself a little later. */
export async function endEndpoint({ token }: EndpointAccess, { call: use, log }: RunParts): Promise<void> {
  try {
    // The call's own signal may be what ended the run.
    const { signal } = new AbortController();
    await use('service:llm.endpoint.end', { token }, { signal });
  } catch (error) {
    log.info('claude.endpoint.kept', { error: String(error) });
  }
}
