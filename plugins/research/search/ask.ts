import { ClayError, type Http, type HttpOptions, type HttpResponse, type JsonObject } from '@clay/sdk';
import { userAgent } from '../web/user-agent.ts';

const timeoutMs = 12_000;
const maxBytes = 2_000_000;

/** Asks a provider; an answer that is none becomes an error that names the status. */
export async function ask(http: Http, url: URL, options: HttpOptions): Promise<HttpResponse> {
  const headers = { 'user-agent': userAgent, ...options.headers };
  const response = await http.fetch(url.href, { timeoutMs, maxBytes, ...options, headers });
  if (response.status === 429)
    throw new ClayError('UNAVAILABLE', `${url.host} answered HTTP 429: it was asked too often.`);
  if (response.status >= 400) throw new ClayError('UNAVAILABLE', `${url.host} answered HTTP ${response.status}.`);
  return response;
}

/** The same, of a provider that answers in JSON. */
export async function askJson(http: Http, url: URL, options: HttpOptions): Promise<JsonObject> {
  const response = await ask(http, url, { ...options, headers: { accept: 'application/json', ...options.headers } });
  try {
    return objectOf(response.json());
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new ClayError('UNAVAILABLE', `${url.host} answered with what is no JSON.`, { cause });
  }
}

export function objectOf(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

/** The objects of a list, wherever something else stands in its place none. */
export function objectsOf(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.map(objectOf) : [];
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
