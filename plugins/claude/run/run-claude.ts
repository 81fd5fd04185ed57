import { randomUUID } from 'node:crypto';
import type { Call, Context, Stream, StreamEvent } from '@clay/sdk';
import type { ClaudeConfig } from '../claude-config.ts';
import type { ClaimedSession, Conversations } from '../conversations.ts';
import { commandLine, promptOf } from '../program/command-line.ts';
import { programEnvironment } from '../program/environment.ts';
import { runMark } from '../program/marked-processes.ts';
import { ProgramRun } from '../program/program-run.ts';
import { type EndpointAccess, endEndpoint, openEndpoint } from './endpoint.ts';
import { answerOf, isLostSession, type RunEnd } from './outcome.ts';
import { RunWatch } from './run-watch.ts';
import { describeCall, ShownSteps } from './shown-step.ts';
import { type RunResult, readSteps, type Step } from './step.ts';
import { TokenMeter } from './token-meter.ts';

export interface ClaudeTask {
  readonly program: string;
  readonly task: string;
  /** Absolute; the first is the working folder. */
  readonly folders: readonly string[];
  /** The plugin's own folder. */
  readonly home: string;
}

export type RunParts = Pick<Context<ClaudeConfig>, 'config' | 'clock' | 'log' | 'call'> & {
  readonly conversations: Conversations;
};

/**
 * Runs one task to its end; what the program does on the way is streamed.
 *
 * @throws ClayError in plain words, with what was written as its output
 */
export async function* runClaude(task: ClaudeTask, call: Call, parts: RunParts): Stream<string> {
  const { conversations, log } = parts;
  const [folder = ''] = task.folders;
  for (let isSecond = false; ; isSecond = true) {
    const session = await conversations.claim(call.session, folder);
    try {
      const run = yield* tryOnce(task, session, call, parts);
      if (!isSecond && run.stop === null && isLostSession(run)) {
        log.info('claude.session.lost', { session: session.id });
        if (call.session !== null) await conversations.forget(call.session, folder);
        continue;
      }
      logEnd(run, log);
      return answerOf(run);
    } finally {
      session.release();
    }
  }
}

async function* tryOnce(
  task: ClaudeTask,
  session: ClaimedSession,
  call: Call,
  parts: RunParts,
): AsyncGenerator<StreamEvent, RunEnd, void> {
  const access = await openEndpoint(call, parts);
  try {
    return yield* follow(startProgram(task, session, access, parts), session, call, parts);
  } finally {
    await endEndpoint(access, parts);
  }
}

function startProgram(
  { program, task, folders, home }: ClaudeTask,
  session: ClaimedSession,
  access: EndpointAccess,
  { config, clock }: RunParts,
): ProgramRun {
  const mark = randomUUID();
  const { tools, allow, maxTurns, maxCostUsd, retries, commandMs, maxOutputTokens, isThinking, graceMs } = config;
  const [cwd = ''] = folders;
  return new ProgramRun({
    program,
    args: commandLine({ tools, allow, folders, maxTurns, maxCostUsd, session, systemPrompt: systemPrompt(folders) }),
    cwd,
    environment: programEnvironment({ ...access, home, retries, commandMs, maxOutputTokens, isThinking, mark }),
    mark: `${runMark}=${mark}`,
    input: promptOf(task),
    graceMs,
    clock,
  });
}

async function* follow(
  run: ProgramRun,
  session: ClaimedSession,
  call: Call,
  { config, clock, log }: RunParts,
): AsyncGenerator<StreamEvent, RunEnd, void> {
  const { stallMs, commandMs, graceMs, maxTurns, maxTokens, maxCostUsd } = config;
  const watch = new RunWatch(run, clock, call.signal);
  const shown = new ShownSteps();
  const meter = new TokenMeter();
  let result: RunResult | null = null;
  const take = async (step: Step) => {
    switch (step.type) {
      case 'began':
        return await session.begun();
      case 'retry':
        return call.progress(`The model fails (${step.status}); trying again, ${step.attempt} of ${step.maxRetries}`);
      case 'tool_call':
        return call.progress(describeCall(step.name, step.args));
      case 'usage':
        meter.add(step.message, step.tokens);
        if (meter.total > maxTokens) watch.end({ why: 'tokens', used: meter.total });
        return;
      case 'result':
        result = step;
        return;
      case 'text':
      case 'whole_text':
      case 'thought':
      case 'tool_result':
        return;
    }
  };
  const lines = run.lines();
  try {
    for (;;) {
      if (result === null) watch.arm(shown.isBusy ? stallMs + commandMs : stallMs);
      else watch.armLast(graceMs);
      const line = await lines.next();
      watch.rest();
      if (line.done === true) break;
      const steps = readSteps(line.value);
      if (steps === null) log.warn('claude.output.unreadable', { beginning: line.value.slice(0, 200) });
      for (const step of steps ?? []) {
        await take(step);
        if (watch.stop === null) yield* shown.show(step);
      }
    }
    if (watch.stop === null) yield* shown.close('It ended before this was done.');
    const end = await run.end();
    const limits = { maxTurns, maxTokens, maxCostUsd };
    const { written } = shown;
    return { result, stop: watch.stop, end, written, errorOutput: run.errorOutput, tokens: meter.total, limits };
  } finally {
    watch.release();
    // Nothing is left to end where it ended by itself.
    run.terminate();
    await run.end();
  }
}

function systemPrompt([cwd, ...further]: readonly string[]): string {
  const others = further.length === 0 ? '' : ` You may also work in ${further.join(', ')}.`;
  return `You work for an assistant that runs on this machine. Nobody answers questions while you work: decide yourself, and say at the end, in short, what you did and what is left. Your folder is ${cwd}.${others} Servers and other programs that you start end with you.`;
}

function logEnd({ result, stop, end, tokens }: RunEnd, log: RunParts['log']): void {
  log.info('claude.ended', {
    reason: stop?.why ?? result?.subtype ?? 'crashed',
    turns: result?.turns ?? 0,
    tokens,
    ownCostUsd: result?.costUsd ?? 0,
    denied: result?.denials.length ?? 0,
    exitCode: end.exitCode,
  });
}
