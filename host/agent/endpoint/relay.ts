import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Clock } from '@clay/sdk';
import type { AnthropicModelConfig } from '../../config/config.ts';
import { IdleWatch } from '../models/idle-watch.ts';
import type { Question } from './question.ts';
import { Refusal } from './refusal.ts';
import { StatedUsage } from './stated-usage.ts';

export interface RelayOptions {
  readonly provider: Pick<AnthropicModelConfig, 'apiKey' | 'keyStyle' | 'baseUrl'>;
  /** Without a byte from the provider. */
  readonly idleMs: number;
  readonly clock: Clock;
  /** The client has gone, or may ask no more. */
  readonly signal: AbortSignal;
  /** Hears what the answer cost, also when it was cut. */
  readonly onUsage: (usage: StatedUsage['tokens']) => void;
}

/** What a client of the Messages API reads in an answer. */
const passedBack = /^(content-type|request-id|retry-after|retry-after-ms|x-should-retry|anthropic-ratelimit-.*)$/;
/** A failure is told in words, not in megabytes. */
const longestFailure = 64 * 1024;

/** Asks the provider with the claw's key, and passes the answer on byte by byte, as fast as both sides go. */
export async function relay(question: Question, response: ServerResponse, options: RelayOptions): Promise<void> {
  const { provider, idleMs, clock } = options;
  const watch = new IdleWatch(clock, idleMs);
  const signal = AbortSignal.any([options.signal, watch.signal]);
  try {
    const answer = await ask(question, provider, signal);
    watch.touch();
    await (answer.ok ? passOn(answer, response, watch, signal, options) : passFailure(answer, response, provider));
  } catch (thrown) {
    if (options.signal.aborted) throw thrown;
    if (watch.signal.aborted) {
      const message = `The model provider sent nothing for ${idleMs} ms.`;
      throw new Refusal('timeout_error', message, { cause: thrown });
    }
    const message = withoutKey(`The model provider cannot be reached: ${causeOf(thrown)}`, provider.apiKey);
    throw new Refusal('api_error', message, { cause: thrown });
  } finally {
    watch.end();
  }
}

async function ask(question: Question, provider: RelayOptions['provider'], signal: AbortSignal): Promise<Response> {
  const { path, search, headers, body } = question;
  const { apiKey, keyStyle, baseUrl } = provider;
  const key = keyStyle === 'key' ? { 'x-api-key': apiKey } : { authorization: `Bearer ${apiKey}` };
  const url = `${baseUrl.replace(/\/+$/, '')}${path}${search}`;
  // A redirect would carry the key to wherever it leads.
  return await fetch(url, { method: 'POST', headers: { ...headers, ...key }, body, signal, redirect: 'error' });
}

async function passOn(
  answer: Response,
  response: ServerResponse,
  watch: IdleWatch,
  signal: AbortSignal,
  { onUsage }: RelayOptions,
): Promise<void> {
  const usage = new StatedUsage(answer.headers.get('content-type') ?? '');
  try {
    begin(answer, response);
    response.flushHeaders();
    for await (const chunk of answer.body ?? []) {
      watch.touch();
      usage.add(chunk);
      if (!response.write(chunk)) await once(response, 'drain', { signal });
    }
    usage.end();
    response.end();
  } finally {
    if (!response.writableEnded) usage.cut();
    if (!usage.tokens.isEmpty) onUsage(usage.tokens);
  }
}

async function passFailure(
  answer: Response,
  response: ServerResponse,
  { apiKey }: RelayOptions['provider'],
): Promise<void> {
  const text = (await answer.text()).slice(0, longestFailure);
  begin(answer, response);
  response.end(withoutKey(text, apiKey));
}

function begin(answer: Response, response: ServerResponse): void {
  response.statusCode = answer.status;
  response.setHeaders(new Map([...answer.headers].filter(([name]) => passedBack.test(name))));
}

/** A provider may repeat the key in its failures. */
function withoutKey(text: string, key: string): string {
  return key === '' ? text : text.replaceAll(key, '[hidden]');
}

/** The innermost message: that is where Node says `ECONNREFUSED 127.0.0.1:1`. */
function causeOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  if (thrown.cause instanceof Error) return causeOf(thrown.cause);
  const inner = thrown instanceof AggregateError ? thrown.errors[0] : undefined;
  return thrown.message || (inner instanceof Error ? inner.message : '') || thrown.name;
}
