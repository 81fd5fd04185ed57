import { createHash } from 'node:crypto';
import type { Json, JsonObject } from '@clay/sdk';

/** All of an ordinary command or file; what is longer is cut, and the question says so. */
const shownChars = 6_000;
/** What could make a text look like another one. */
const deceiving = /[[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]--[\n\t]]/gv;

export interface ShownAction {
  readonly capability: string;
  /** Without what nobody may read. */
  readonly args: Json;
  readonly caller: string;
  /** The rule that asks for a yes. */
  readonly rule: string;
}

/** The question, as Markdown: what would be done, whole, in fences that it cannot close. */
export function actionText({ capability, args, caller, rule }: ShownAction): string {
  const entries =
    typeof args === 'object' && args !== null && !Array.isArray(args) ? Object.entries(args as JsonObject) : [];
  const budget = Math.floor(shownChars / Math.max(1, entries.length));
  const shown = entries.map(([name, value]) => argument(name, value, budget));
  return [
    `May I use \`${capability.replace(/^\w+:/, '')}\`? The operator wants a yes for \`${rule}\`, and ${asker(caller)} asks for it.`,
    ...shown,
  ].join('\n\n');
}

function argument(name: string, value: Json, budget: number): string {
  const text = visible(typeof value === 'string' ? value : JSON.stringify(value, null, 1));
  const head = visible(name).replaceAll('`', "'");
  if (text.length <= budget) return `${head}:\n${fenced(text)}`;
  const half = Math.floor(budget / 2);
  const left = text.length - 2 * half;
  // Two that differ only where they are not shown must not make one question.
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 12);
  return `${head} (${text.length} characters, **${left} of them not shown**, SHA-256 ${digest}…):\n${fenced(`${text.slice(0, half)}\n… ${left} characters …\n${text.slice(-half)}`)}`;
}

function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}\n${text}\n${fence}`;
}

function visible(text: string): string {
  return text.replaceAll(deceiving, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

function asker(caller: string): string {
  const [kind = '', name] = caller.split(':');
  return name === undefined ? caller : `the ${kind} \`${name}\``;
}
