import { ClayError, type Clock, type Http } from '@clay/sdk';

export interface CheckResult {
  readonly isUp: boolean;
  readonly ms: number;
  /** Why it is not up; empty when it is. */
  readonly reason: string;
}

/** Asks once, as a visitor would. Whatever the site does is a result; only a cancel is thrown. */
export async function checkSite(http: Http, clock: Clock, url: string, signal: AbortSignal): Promise<CheckResult> {
  const start = clock.now();
  const reason = await findFault(http, url, signal);
  return { isUp: reason === '', ms: clock.now() - start, reason };
}

async function findFault(http: Http, url: string, signal: AbortSignal): Promise<string> {
  try {
    const { status } = await http.fetch(url, { signal });
    return status < 400 ? '' : `status ${status}`;
  } catch (error) {
    signal.throwIfAborted();
    // A page that is too long to be read is a page that is there.
    if (error instanceof ClayError && error.code === 'TOO_LARGE') return '';
    return error instanceof Error ? error.message : String(error);
  }
}
