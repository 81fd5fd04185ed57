import type { Choice } from './question-table.ts';

/** Buttons below a message, in rows. */
export type Keyboard = readonly (readonly { readonly text: string; readonly callback_data: string }[])[];

const prefix = 'ask';
/** Side by side only what a phone can show so. In characters. */
const longestRow = 24;

/** What Telegram gives back of a press is 64 bytes: the question's key and the place of the choice. */
export function keyboardOf(key: string, choices: readonly Choice[]): Keyboard {
  const buttons = choices.map(({ label }, index) => ({ text: label, callback_data: `${prefix}:${key}:${index}` }));
  const isShort = choices.length <= 4 && choices.reduce((sum, { label }) => sum + label.length, 0) <= longestRow;
  return isShort ? [buttons] : buttons.map((button) => [button]);
}

/** Null for what is no press of ours. */
export function parsePress(data: string): { readonly key: string; readonly index: number } | null {
  const [, key, index] = /^ask:([\w-]{1,16}):(\d{1,2})$/.exec(data) ?? [];
  return key === undefined ? null : { key, index: Number(index) };
}
