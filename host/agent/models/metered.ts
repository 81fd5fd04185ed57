import type { CallSession } from '@clay/sdk';
import type { Price } from '../../config/config.ts';
import type { TurnOrigin } from '../../policy/budget/turn-origins.ts';
import type { UsageEntry } from '../../store/usage-ledger.ts';
import type { TurnScope } from '../turns/turn-scope.ts';
import type { Model, ModelRequest, ModelResponse, SpentAnswer } from './model.ts';
import { ModelError } from './model-error.ts';
import { plannedCall } from './planned-call.ts';

export interface Payer {
  readonly agent: string;
  readonly plugin: string;
}

/** With why the turn was begun. */
export type Causer = Payer & TurnOrigin;

/** One model call of a turn: counted against the turn's limit and the budgets, traced, and written to the ledger. */
export async function* meteredGenerate(
  scope: TurnScope,
  model: Model,
  asked: ModelRequest,
  payer: Payer,
): AsyncGenerator<ModelResponse, void, void> {
  const { clock, config, budgets } = scope.parts;
  const { maxLlmCalls } = config.limits;
  if (scope.modelCalls.count >= maxLlmCalls) {
    throw new ModelError('MODEL_CALL_LIMIT', { details: `limits.maxLlmCalls is ${maxLlmCalls}` });
  }
  scope.modelCalls.count++;
  const request = scope.parts.redactor.json(asked);
  const { call, signal } = scope;
  const charge = await budgets.admit(
    budgets.origins.spender(call, payer.plugin),
    plannedCall(model, request, config.model, call),
    request.signal ?? signal,
  );
  const record = (answer: SpentAnswer) => {
    const causer = { agent: payer.agent, ...charge.spender };
    charge.record(usageEntry(call, config.prices, model.name, answer, causer, clock.now() - startedAt));
  };
  const startedAt = clock.now();
  const endSpan = scope.trace.beginModelCall({ agent: payer.agent, model: model.name, request });
  let last: ModelResponse | undefined;
  try {
    for await (const given of model.generate({ ...request, onLost: record })) {
      // A model may know a secret from elsewhere, such as its own fetching.
      const response = scope.parts.redactor.json(given);
      if (!response.partial) {
        last = response;
        record(response);
        // Before the answer is given: tools that it calls may ask the model too, and must not wait for this call.
        charge.end();
      }
      yield response;
    }
  } finally {
    charge.end();
    endSpan(last ?? { error: 'no whole answer' });
  }
}

/** The row of one model call. */
export function usageEntry(
  call: CallSession,
  prices: Readonly<Record<string, Price>>,
  model: string,
  { usage, cacheWriteTokens = 0 }: SpentAnswer,
  { agent, plugin, startedBy, schedule }: Causer,
  durationMs: number,
): UsageEntry {
  const cacheReadTokens = usage?.cachedContentTokenCount ?? 0;
  const tokens = {
    inputTokens: Math.max(0, (usage?.promptTokenCount ?? 0) - cacheReadTokens - cacheWriteTokens),
    outputTokens: (usage?.candidatesTokenCount ?? 0) + (usage?.thoughtsTokenCount ?? 0),
    cacheReadTokens,
    cacheWriteTokens,
  };
  const price = Object.hasOwn(prices, model) ? prices[model] : undefined;
  const { app, user, id: session, turn } = call;
  return {
    app,
    user,
    session,
    turn,
    plugin,
    agent,
    startedBy,
    schedule,
    model,
    ...tokens,
    costUsd: price ? cost(tokens, price) : null,
    durationMs,
  };
}

function cost(
  tokens: Pick<UsageEntry, 'inputTokens' | 'outputTokens' | 'cacheReadTokens' | 'cacheWriteTokens'>,
  price: Price,
): number {
  const millionths =
    tokens.inputTokens * price.input +
    tokens.outputTokens * price.output +
    tokens.cacheReadTokens * price.cacheRead +
    tokens.cacheWriteTokens * price.cacheWrite;
  return millionths / 1_000_000;
}
