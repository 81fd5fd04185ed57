import type { JsonObject } from '@clay/sdk';

/** What went wrong, as the second part of a file's name tells it. */
export const crashCategories = [
  /** It does not build. */
  'build',
  /** It builds, and its types do not fit. */
  'check',
  /** It was built and did not come to serve. */
  'stage',
  /** Its process died, or it told of an error that nobody caught. */
  'crash',
  'probe',
  'rollback',
  /** What it replaces has changed with the image. */
  'rebase',
  /** The process of several scripts died. */
  'lane',
  /** The host itself. */
  'host',
  /** Somebody left a program to be swapped in. */
  'swap',
] as const;

export type CrashCategory = (typeof crashCategories)[number];

export interface CrashEntry {
  readonly plugin: string;
  readonly category: CrashCategory;
  /** Null when it never became one. */
  readonly generation: number | null;
  readonly hash: string | null;
  /** One sentence: what happened. */
  readonly message: string;
  /** `file:line:column` in the author's source. */
  readonly location: string | null;
  /** Diagnostics of a compiler, or what the process printed last. */
  readonly output: string;
  /** Signal, exit code, memory, the head of a report: whatever is known. */
  readonly details: JsonObject;
  /** One sentence: what answers calls now. */
  readonly serving: string;
  /** What the author is to do. */
  readonly advice: string;
}
