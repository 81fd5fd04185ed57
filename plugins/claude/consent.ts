import { type Call, ClayError, type Context, type JsonObject } from '@clay/sdk';
import type { ClaudeConfig } from './claude-config.ts';

/** Characters of a task that a person is asked about. */
const shownChars = 1000;

/**
 * A person's yes to a run, where the operator wants one (`CLAY_SHELL=ask`).
 *
 * @throws ClayError `REFUSED` for a no, `NEEDS_APPROVAL` when nobody answered or can be asked
 */
export async function requireConsent(
  task: string,
  folder: string,
  call: Call,
  { config, call: use }: Pick<Context<ClaudeConfig>, 'config' | 'call'>,
): Promise<void> {
  if (config.shell === 'on') return;
  const shown = task.length > shownChars ? `${task.slice(0, shownChars)} …` : task;
  const question = `Claude Code wants to work in ${folder}. It can change files there and run programs. The task: ${shown}`;
  const choices = [
    { id: 'yes', label: 'Yes' },
    { id: 'no', label: 'No' },
  ];
  let answer: JsonObject;
  try {
    const { askMs: timeoutMs } = config;
    // The question has a limit of its own, which comes first.
    const options = { timeoutMs: timeoutMs + 10_000, signal: call.signal, key: `${call.key} consent` };
    answer = (await use('service:chat.ask', { question, choices, timeoutMs }, options)) as JsonObject;
  } catch (error) {
    if (!(error instanceof ClayError) || error.code !== 'CAPABILITY_UNKNOWN') throw error;
    const message =
      'Claude Code needs a person’s yes (CLAY_SHELL=ask), and this claw has no way to ask for it. Use read, write and edit, or ask the operator to set CLAY_SHELL=on.';
    throw new ClayError('NEEDS_APPROVAL', message, { cause: error });
  }
  if (answer.choice === 'yes') return;
  if (answer.choice === 'no')
    throw new ClayError('REFUSED', 'The person said no to running Claude Code. Do not ask again.');
  throw new ClayError(
    'NEEDS_APPROVAL',
    `Nobody said yes to running Claude Code (${String(answer.reason ?? 'no answer')}).`,
  );
}
