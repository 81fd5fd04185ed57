import type { CallSession } from '@clay/sdk';
import type { Price } from '../../config/config.ts';
import type { UsageEntry } from '../../store/usage-ledger.ts';
import type { TurnScope } from '../turns/turn-scope.ts';
import type { Model, ModelRequest, ModelResponse } from './model.ts';
import { ModelError } from './model-error.ts';

export interface Payer {
  readonly agent: string;
  readonly plugin: string;
}

/** One model call of a turn: counted against the turn's limit, traced, and written to the ledger. */
export async function* meteredGenerate(
  scope: TurnScope,
  model: Model,
  request: ModelRequest,
  payer: Payer,
): AsyncGenerator<ModelResponse, void, void> {
  const { clock, config, store } = scope.parts;
  const { maxLlmCalls } = config.limits;
  if (scope.modelCalls.count >= maxLlmCalls) {
    throw new ModelError('MODEL_CALL_LIMIT', { details: `limits.maxLlmCalls is ${maxLlmCalls}` });
  }
  scope.modelCalls.count++;
  const startedAt = clock.now();
  const endSpan = scope.trace.beginModelCall({ agent: payer.agent, model: model.name, request });
  let last: ModelResponse | undefined;
  try {
    for await (const response of model.generate(request)) {
      if (!response.partial) {
        last = response;
        const { call, parts } = scope;
        store.usage.record(usageEntry(call, parts.config.prices, model.name, response, payer, clock.now() - startedAt));
      }
      yield response;
    }
  } finally {
    endSpan(last ?? { error: 'no whole answer' });
  }
}

/** The row of one model call. */
export function usageEntry(
  call: CallSession,
  prices: Readonly<Record<string, Price>>,
  model: string,
  { usage, cacheWriteTokens = 0 }: ModelResponse,
  { agent, plugin }: Payer,
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
