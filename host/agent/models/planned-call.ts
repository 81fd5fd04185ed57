import type { CallSession } from '@clay/sdk';
import type { ModelConfig } from '../../config/config.ts';
import type { PlannedCall } from '../../policy/budget/budgets.ts';
import type { Part } from '../event-json.ts';
import type { Model, ModelRequest } from './model.ts';

/** Few: what a call may cost is held back while it runs, and too little of that would let others overshoot. */
const charactersPerToken = 3;
/** Of a picture. */
const mediaTokens = 1_600;
/** Of a model whose configuration names no longest answer. */
const usualMaxTokens = 8_192;

/** A model call as the budgets see it before it is made. */
export function plannedCall(
  { name, provider }: Pick<Model, 'name' | 'provider'>,
  request: ModelRequest,
  config: ModelConfig,
  toldIn: CallSession | null,
): PlannedCall {
  const longest = config.provider === 'anthropic' ? config.maxTokens : usualMaxTokens;
  return {
    model: name,
    isFree: provider === 'offline',
    inputTokens: () => roughTokens(request),
    maxOutputTokens: request.maxTokens ?? longest,
    toldIn,
  };
}

function roughTokens({ system, contents, tools }: ModelRequest): number {
  const spoken = contents.flatMap(({ parts = [] }) => parts).reduce((sum, part) => sum + tokensOf(part), 0);
  return spoken + Math.ceil((system.length + JSON.stringify(tools).length) / charactersPerToken);
}

function tokensOf({ text, inlineData, fileData, functionCall, functionResponse }: Part): number {
  if (text !== undefined) return Math.ceil(Buffer.byteLength(text) / charactersPerToken);
  if (inlineData || fileData) return mediaTokens;
  return Math.ceil(JSON.stringify(functionCall ?? functionResponse ?? '').length / charactersPerToken);
}
