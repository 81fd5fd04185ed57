import { ClayError, type Clock, type Files, toFailure } from '@clay/sdk';
import { z } from 'zod';

/** What the public page shows of one thing that the claw did. The shape is that of the original, for pages that read it. */
export interface Activity {
  /** ISO 8601. */
  readonly time: string;
  readonly summary: string;
  readonly type: string;
}

const activityPath = 'public/activity.json';
/** Older ones go: the page shows fifty, and everybody who opens it loads the file. */
const keptActivities = 200;

/** Entries of others, such as a page of the person's own, may hold more; that stays. */
const storedActivities = z.array(z.looseObject({ time: z.string(), summary: z.string(), type: z.string() }));

/** The list behind the public page, newest first. */
export class ActivityList {
  readonly #files: Files;
  readonly #clock: Clock;

  constructor(files: Files, clock: Clock) {
    this.#files = files;
    this.#clock = clock;
  }

  /** The entry that was added, and how many there are now. */
  async add(summary: string, type: string): Promise<{ readonly entry: Activity; readonly count: number }> {
    const entry = { time: new Date(this.#clock.now()).toISOString(), summary: onOneLine(summary), type };
    if (entry.summary === '') throw new ClayError('BAD_ARGUMENTS', 'The summary is empty.');
    const list = [entry, ...(await this.read())].slice(0, keptActivities);
    await this.#files.write(activityPath, `${JSON.stringify(list, null, 2)}\n`);
    return { entry, count: list.length };
  }

  /** What is there. Throws `CONFLICT` rather than replace a file that cannot be read. */
  async read(): Promise<readonly Activity[]> {
    const text = await readIfThere(this.#files, activityPath);
    if (text === null || text.trim() === '') return [];
    const parsed = storedActivities.safeParse(parseJson(text));
    if (parsed.success) return parsed.data;
    throw new ClayError(
      'CONFLICT',
      `${activityPath} is not a list of {time, summary, type}: ${z.prettifyError(parsed.error)}. Mend it or remove it; it was left as it is.`,
    );
  }
}

export async function readIfThere(files: Files, path: string): Promise<string | null> {
  try {
    return await files.read(path);
  } catch (error) {
    if (toFailure(error).code === 'NOT_FOUND') return null;
    throw error;
  }
}

/** What is no JSON is a text, which no list of entries is. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    return `no JSON: ${(error as Error).message}`;
  }
}

export function onOneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
