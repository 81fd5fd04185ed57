import { ClayError, type Clock, type Http, type HttpResponse } from '@clay/sdk';
import robotsParser from 'robots-parser';
import { robotName, userAgent } from './user-agent.ts';

// Its types call the function a member "default", which it has only for a bundler.
const parseRobots = robotsParser as unknown as typeof robotsParser.default;

const keptMs = 3_600_000;
const maxOrigins = 200;
const maxBytes = 512 * 1024;
const timeoutMs = 10_000;
/** A site may ask for longer pauses; nobody waits for ever. */
const longestPauseMs = 10_000;

interface Rules {
  isAllowed(url: string): boolean;
  /** Between two requests, as the site wants it; 0 when it says nothing. */
  readonly pauseMs: number;
}

/** What sites allow programs to read that go from page to page (RFC 9309). */
export class Robots {
  readonly #http: Http;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #origins = new Map<string, { readonly rules: Promise<Rules>; readonly until: number }>();

  constructor(http: Http, clock: Pick<Clock, 'now'>) {
    this.#http = http;
    this.#clock = clock;
  }

  /** The pause that the site asks for; throws `REFUSED` when it does not want the page read. */
  async require(url: URL, signal: AbortSignal): Promise<number> {
    const rules = await this.#rulesOf(url.origin, signal);
    if (rules.isAllowed(url.href)) return rules.pauseMs;
    throw new ClayError(
      'REFUSED',
      `The robots.txt of ${url.host} asks programs not to read ${url.pathname}. Use another source, or tell the person; web_fetch reads a single page that a person asked for.`,
    );
  }

  #rulesOf(origin: string, signal: AbortSignal): Promise<Rules> {
    const known = this.#origins.get(origin);
    if (known !== undefined && known.until > this.#clock.now()) return known.rules;
    const rules = this.#load(origin, signal);
    this.#origins.set(origin, { rules, until: this.#clock.now() + keptMs });
    // Who waits hears of the failure; the next one asks again.
    rules.catch(() => this.#origins.delete(origin));
    const [oldest] = this.#origins.keys();
    if (this.#origins.size > maxOrigins && oldest !== undefined) this.#origins.delete(oldest);
    return rules;
  }

  async #load(origin: string, signal: AbortSignal): Promise<Rules> {
    const address = `${origin}/robots.txt`;
    const headers = { 'user-agent': userAgent, accept: 'text/plain' };
    let response: HttpResponse;
    try {
      response = await this.#http.fetch(address, { headers, signal, timeoutMs, maxBytes, keepIncomplete: true });
    } catch (cause) {
      if (signal.aborted || (cause instanceof ClayError && cause.code === 'REFUSED')) throw cause;
      throw unreadable(address, cause instanceof Error ? cause.message : String(cause), cause);
    }
    if (response.status >= 500) throw unreadable(address, `the server answered ${response.status}`);
    if (response.status >= 400) return { isAllowed: () => true, pauseMs: 0 };
    const robots = parseRobots(address, groupsForUs(response.text()));
    return {
      isAllowed: (url) => robots.isAllowed(url, robotName) !== false,
      pauseMs: Math.min((robots.getCrawlDelay(robotName) ?? 0) * 1000, longestPauseMs),
    };
  }
}

/**
 * Names everybody who is not us "other", once in each group: the parser keeps every rule for every name, which a hostile
 * file of a few hundred kilobytes makes a billion.
 */
function groupsForUs(text: string): string {
  const lines: string[] = [];
  let named = new Set<string>();
  for (const line of text.split(/\r\n?|\n/)) {
    const agent = /^\s*user-agent\s*:([^#]*)/i.exec(line)?.[1]?.trim().toLowerCase();
    if (agent === undefined) {
      if (/^\s*[a-z-]+\s*:/i.test(line)) named = new Set();
      lines.push(line);
      continue;
    }
    const name = agent === '*' || agent === robotName.toLowerCase() ? agent : 'other';
    if (!named.has(name)) lines.push(`User-agent: ${name}`);
    named.add(name);
  }
  return lines.join('\n');
}

/** Then nothing of the site may be read, says RFC 9309, 2.3.1.4. */
function unreadable(address: string, reason: string, cause?: unknown): ClayError {
  return new ClayError('UNAVAILABLE', `${address} could not be read, so nothing there is crawled: ${reason}`, {
    cause,
  });
}
