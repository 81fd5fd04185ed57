import { type ClayError, type Failure, type Json, toFailure } from '@clay/sdk';

/** What the model gets as the result of a call: always an object. */
export type ToolResponse = Record<string, unknown>;

export function toResponse(value: Json | undefined): ToolResponse {
  if (value === undefined || value === null || typeof value !== 'object') return { result: value ?? null };
  if (Array.isArray(value)) return { results: value };
  return value as ToolResponse;
}

export function failureResponse(thrown: unknown): ToolResponse {
  const failure: Failure = toFailure(thrown);
  return { ...failure };
}

export function refusal(code: ClayError['code'], error: string, data?: Json): ToolResponse {
  return { error, code, ...(data !== undefined && { data }) };
}
