import { ClayError } from '@clay/sdk';
import type { Question } from '../agent-host.ts';
import type { AgentParts } from '../turns/turn-scope.ts';
import { usageEntry } from './metered.ts';
import { toModelError } from './model-error.ts';

/** Stands in the ledger where no conversation is asked for. */
export const noSession = { app: 'clay', user: '', id: '', turn: '' };

/** One question to the claw's own model. */
export async function ask(
  { prompt, system = '', maxTokens, plugin, session }: Question,
  { models, store, clock, config }: AgentParts,
  signal?: AbortSignal,
): Promise<string> {
  const startedAt = clock.now();
  try {
    const model = await models.get();
    const responses = model.generate({
      system,
      contents: [{ role: 'user', parts: [{ text: prompt }] }],
      tools: [],
      purpose: 'turn',
      stream: false,
      ...(maxTokens === undefined ? {} : { maxTokens }),
      ...(signal && { signal }),
    });
    for await (const response of responses) {
      if (response.partial) continue;
      const payer = { agent: 'ask', plugin };
      const durationMs = clock.now() - startedAt;
      store.usage.record(usageEntry(session ?? noSession, config.prices, model.name, response, payer, durationMs));
      return (response.content?.parts ?? [])
        .map(({ text, thought }) => (thought === true ? '' : (text ?? '')))
        .join('');
    }
  } catch (thrown) {
    const { code, message, details } = toModelError(thrown);
    throw new ClayError('MODEL', `${message} (${code}: ${details})`, { cause: thrown });
  }
  signal?.throwIfAborted();
  throw new ClayError('MODEL', 'The model gave no answer.');
}
