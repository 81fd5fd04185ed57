import { ClayError } from '@clay/sdk';
import type { Charge } from '../../policy/budget/budgets.ts';
import type { Question } from '../agent-host.ts';
import type { AgentParts } from '../turns/turn-scope.ts';
import { usageEntry } from './metered.ts';
import type { ModelRequest, SpentAnswer } from './model.ts';
import { toModelError } from './model-error.ts';
import { plannedCall } from './planned-call.ts';

/** Stands in the ledger where no conversation is asked for. */
export const noSession = { app: 'clay', user: '', id: '', turn: '' };

/** One question to the claw's own model. */
export async function ask(
  { prompt, system = '', maxTokens, plugin, session }: Question,
  { models, budgets, redactor, clock, config }: AgentParts,
  signal?: AbortSignal,
): Promise<string> {
  let charge: Charge | undefined;
  try {
    const model = await models.get();
    const request: ModelRequest = {
      system: redactor.text(system),
      contents: [{ role: 'user', parts: [{ text: redactor.text(prompt) }] }],
      tools: [],
      purpose: 'turn',
      stream: false,
      ...(maxTokens === undefined ? {} : { maxTokens }),
      ...(signal && { signal }),
    };
    charge = await budgets.admit(
      budgets.origins.spender(session, plugin),
      plannedCall(model, request, config.model, null),
      signal,
    );
    const { spender } = charge;
    const startedAt = clock.now();
    const record = (answer: SpentAnswer) => {
      const payer = { agent: 'ask', ...spender };
      const durationMs = clock.now() - startedAt;
      charge?.record(usageEntry(session ?? noSession, config.prices, model.name, answer, payer, durationMs));
    };
    for await (const response of model.generate({ ...request, onLost: record })) {
      if (response.partial) continue;
      record(response);
      return (response.content?.parts ?? [])
        .map(({ text, thought }) => (thought === true ? '' : (text ?? '')))
        .join('');
    }
  } catch (thrown) {
    if (thrown instanceof ClayError && thrown.code === 'BUDGET_SPENT') throw thrown;
    const { code, message, details } = toModelError(thrown);
    throw new ClayError('MODEL', `${message} (${code}: ${details})`, { cause: thrown });
  } finally {
    charge?.end();
  }
  signal?.throwIfAborted();
  throw new ClayError('MODEL', 'The model gave no answer.');
}
