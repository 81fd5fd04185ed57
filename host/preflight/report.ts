import { messageOf } from '../generations/phase.ts';

/** One thing that was looked at. */
export interface Check {
  /** `config`, `database`, `plugin memory`, … */
  readonly check: string;
  readonly ok: boolean;
  readonly ms: number;
  /** What was found; for one that failed, what is wrong and what to do. */
  readonly detail: string;
}

/** What is told before a host takes a volume. */
export interface PreflightReport {
  readonly event: 'preflight';
  readonly ok: boolean;
  readonly version: string;
  readonly ms: number;
  readonly checks: readonly Check[];
  /** What does not stop the claw: a plugin of the volume that does not work with this version. */
  readonly warnings: readonly Check[];
  /** Schema steps that this version will run: an older one may then refuse the database. */
  readonly pendingMigrations: readonly string[];
}

/** Runs `work` as a check: what it gives is the detail, what it throws is what is wrong. */
export async function runCheck(check: string, work: () => string | Promise<string>): Promise<Check> {
  const begin = performance.now();
  const since = () => Math.round(performance.now() - begin);
  try {
    return { check, ok: true, detail: await work(), ms: since() };
  } catch (error) {
    return { check, ok: false, detail: messageOf(error), ms: since() };
  }
}
