import type { RunAsyncToolRequest } from '../../adk.ts';
import { eventText, functionCalls, functionResponses } from '../../contents/calls.ts';
import type { LiveEvent } from '../../sessions/live-session.ts';
import { ControlTool } from '../../tools/control-tool.ts';
import { refusal } from '../../tools/tool-response.ts';
import { type Signal, signals } from './loop-note.ts';

export const signalToolName = 'loop_signal';

/** Ends the reviewer's part of a round, and tells the loop how to go on. */
export class LoopSignalTool extends ControlTool {
  readonly #closedBecause: () => Promise<readonly string[]>;
  #hasSignalled = false;

  /** `closedBecause` gives what keeps the gate closed now. */
  constructor(closedBecause: () => Promise<readonly string[]>) {
    super(
      signalToolName,
      'Ends your part of this round: "done" when the work is finished and its hand-off files are there, "pause" when a person has to decide or give something, "continue" when another round is needed.',
      {
        type: 'object',
        properties: {
          signal: { type: 'string', enum: [...signals] },
          why: { type: 'string', description: 'For the next round, or for the person: what is good, what is missing.' },
        },
        required: ['signal', 'why'],
      },
    );
    this.#closedBecause = closedBecause;
  }

  override async runAsync({ args, toolContext }: RunAsyncToolRequest): Promise<unknown> {
    const signal = signals.find((known) => known === args.signal);
    const { why } = args;
    if (signal === undefined) {
      return refusal(
        'BAD_ARGUMENTS',
        `signal is ${JSON.stringify(args.signal)} and must be one of ${signals.join(', ')}.`,
      );
    }
    if (typeof why !== 'string' || why.trim() === '') return refusal('BAD_ARGUMENTS', 'why must say the reason.');
    if (this.#hasSignalled) return refusal('CONFLICT', 'You have given your signal for this round already.');
    const missing = signal === 'done' ? await this.#closedBecause() : [];
    if (missing.length > 0) {
      const advice = 'Signal "continue" and say who has to write it, or write it yourself and signal "done" again.';
      return refusal('CONFLICT', `Not done yet. ${missing.join(' ')} ${advice}`);
    }
    this.#hasSignalled = true;
    toolContext.actions.skipSummarization = true;
    return { accepted: true, signal, why: why.trim() };
  }
}

export interface GivenSignal {
  readonly signal: Signal;
  readonly why: string;
  /** Said with it. */
  readonly text: string;
}

/** The signal that was accepted in these events. */
export function findSignal(events: readonly LiveEvent[]): GivenSignal | undefined {
  for (const event of events) {
    for (const { name, id, response } of functionResponses(event)) {
      const signal = signals.find((known) => known === response?.signal);
      if (name !== signalToolName || response?.accepted !== true || signal === undefined) continue;
      const call = events.find((known) => functionCalls(known).some((made) => made.id === id));
      return { signal, why: String(response.why), text: call ? eventText(call).trim() : '' };
    }
  }
  return undefined;
}
