import { setMaxListeners } from 'node:events';
import { ClayError } from '@clay/sdk';
import { BaseAgent, createEvent, type Event, type InvocationContext } from '../../adk.ts';
import { eventText, functionCalls, functionResponses } from '../../contents/calls.ts';
import type { LiveEvent } from '../../sessions/live-session.ts';
import { callKey } from '../../sessions/repair.ts';
import { finalText } from '../../turns/outcome.ts';
import type { TurnScope } from '../../turns/turn-scope.ts';
import { overrun, type Spent, timeCapMs, tokensOf } from './caps.ts';
import { failureKind, waitBeforeTry } from './failure.ts';
import { closedBecause, readGate } from './gate.ts';
import { type EndedNote, type LoopNote, noteText, type ReportNote, type StepPlace } from './loop-note.ts';
import type { LoopWorker, SignalLoopPlan } from './loop-plan.ts';
import { type LoopProgress, nextStep, readProgress, stepScope, workedMs } from './loop-progress.ts';
import { findSignal, LoopSignalTool } from './signal-tool.ts';
import { stepTask } from './step-task.ts';

export interface WorkerPlace {
  readonly scope: TurnScope;
  readonly task: string;
  /** The same for a try that is made again by a new process. */
  readonly key: string;
  /** Of the reviewer. */
  readonly signalTool: LoopSignalTool | undefined;
}

export interface SignalLoopOptions {
  readonly task: string;
  readonly buildWorker: (plan: LoopWorker, place: WorkerPlace) => BaseAgent;
}

/**
 * Executor and reviewer, round after round, until a signal or a cap. It holds no state of its own: before each step it
 * reads from the stored events where it stands, so a new process goes on as this one would have.
 */
export class SignalLoop extends BaseAgent {
  readonly #scope: TurnScope;
  readonly #plan: SignalLoopPlan;
  readonly #options: SignalLoopOptions;

  constructor(scope: TurnScope, plan: SignalLoopPlan, options: SignalLoopOptions) {
    super({ name: plan.name, description: plan.description });
    this.#scope = scope;
    this.#plan = plan;
    this.#options = options;
  }

  protected override async *runAsyncImpl(context: InvocationContext): AsyncGenerator<Event, void, void> {
    const { signal } = this.#scope;
    const callId = context.isolationScope;
    if (callId === undefined) throw new ClayError('CONFLICT', `${this.name} works on a delegated task only.`);
    const found = this.#progress(callId);
    if (found.ended !== undefined) return;
    yield this.#note(context, found.begun ? this.#resumed(callId) : await this.#begun());
    let isResumed = found.open !== undefined;
    while (!signal.aborted) {
      const progress = this.#progress(callId);
      const next = nextStep(this.#plan, progress);
      if ('outcome' in next) return void (yield this.#note(context, next));
      const reason = this.#overrun(progress);
      if (reason !== undefined) return void (yield this.#note(context, capped(progress, reason)));
      const { iteration, index, who } = next;
      if (!isResumed) yield this.#note(context, { kind: 'step', iteration, index, who });
      const report = yield* this.#step(context, callId, { iteration, index, who }, isResumed);
      isResumed = false;
      if (report !== undefined) yield this.#note(context, report);
    }
  }

  // biome-ignore lint/correctness/useYield: the engine's interface wants a generator.
  protected override async *runLiveImpl(): AsyncGenerator<Event, void, void> {
    throw new ClayError('CONFLICT', `The agent ${this.name} cannot be used live.`);
  }

  /** One agent's part in one round, tried again while the failure may pass; undefined when the turn was cancelled. */
  async *#step(
    context: InvocationContext,
    callId: string,
    place: StepPlace,
    isResumed: boolean,
  ): AsyncGenerator<Event, ReportNote | undefined> {
    const { clock } = this.#scope.parts;
    const worker = this.#plan.agents[place.index];
    if (worker === undefined) {
      throw new ClayError('CONFLICT', `The loop ${this.name} was changed and has no ${place.who} any more.`);
    }
    const scopeId = stepScope(callId, place);
    if (isResumed && hasFinished(this.#events(scopeId))) return this.#report(place, scopeId);
    for (let tries = this.#progress(callId).retries + 1; ; tries++) {
      const before = this.#events(scopeId).length;
      yield* this.#try(context, callId, worker, place, tries);
      if (this.#scope.signal.aborted) return undefined;
      const failed = this.#events(scopeId).slice(before).at(-1);
      const code = failed?.errorCode;
      if (code === undefined) return this.#report(place, scopeId);
      const failure = { code, message: failed?.errorMessage ?? code };
      const kind = failureKind(code);
      if (kind === 'cut-short') return this.#report(place, scopeId, `[${place.who} was cut short: ${failure.message}]`);
      if (kind === 'fatal' || tries >= this.#plan.caps.tries) return { ...this.#report(place, scopeId), failure };
      const waitMs = waitBeforeTry(tries);
      yield this.#note(context, { kind: 'retry', ...place, code, waitMs });
      await clock.sleep(waitMs, this.#scope.signal).catch(() => undefined);
      if (this.#scope.signal.aborted) return undefined;
      if (this.#overrun(this.#progress(callId)) !== undefined) {
        return this.#report(place, scopeId, `[${place.who} failed: ${failure.message}]`);
      }
    }
  }

  async *#try(
    context: InvocationContext,
    callId: string,
    worker: LoopWorker,
    place: StepPlace,
    tries: number,
  ): AsyncGenerator<Event, void> {
    const { parts, call, trace, signal } = this.#scope;
    const scopeId = stepScope(callId, place);
    const progress = this.#progress(callId);
    const task = stepTask(this.#plan, this.#options.task, place, progress.reports, await this.#missing(callId));
    const timeIsUp = new AbortController();
    const leftMs = timeCapMs(this.#plan.caps, parts.config.limits.turnMs) - this.#spent(progress).ms;
    const cancelTimer = parts.clock.after(leftMs, () => timeIsUp.abort(new Error('the loop’s time is up')));
    const stop = AbortSignal.any([signal, timeIsUp.signal]);
    setMaxListeners(0, stop);
    // Of its own: the limit of one turn is the limit of each part, and the caps bound their number.
    const scope: TurnScope = { ...this.#scope, signal: stop, modelCalls: { count: 0 } };
    const isReviewer = worker === this.#plan.agents.at(-1);
    const agent = this.#options.buildWorker(worker, {
      scope,
      task,
      key: callKey(call.turn, `${scopeId}#${tries}`),
      signalTool: isReviewer ? new LoopSignalTool(() => this.#missing(callId)) : undefined,
    });
    const endSpan = trace.beginAgent(worker.name);
    try {
      for await (const event of agent.runAsync(context.clone({ agent, isolationScope: scopeId, abortSignal: stop }))) {
        event.isolationScope ??= scopeId;
        yield event;
        // Before the calls of this event are run.
        if (!event.partial && functionCalls(event).length > 0 && this.#overrun(progress) !== undefined) return;
      }
    } finally {
      cancelTimer();
      endSpan();
    }
  }

  #report(place: StepPlace, scopeId: string, note = ''): ReportNote {
    const events = this.#events(scopeId);
    const given = findSignal(events);
    const said = given === undefined ? finalText(events) : given.text || given.why;
    const report = [said, note].filter(Boolean).join('\n') || '(It said nothing.)';
    const isReviewer = place.index === this.#plan.agents.length - 1;
    if (!isReviewer) return { kind: 'report', ...place, report };
    const { signal, why } = given ?? { signal: 'continue', why: 'It gave no signal.' };
    return { kind: 'report', ...place, report, signal, why };
  }

  async #begun(): Promise<LoopNote> {
    const { tokens, costUsd } = this.#used();
    const gate = await readGate(this.#scope.parts.config.paths.root, this.#plan.gate);
    return { kind: 'begun', maxIterations: this.#plan.maxIterations, gate, spent: { tokens, costUsd } };
  }

  #resumed(callId: string): LoopNote {
    return { kind: 'resumed', elapsedMs: workedMs(this.#scope.live.events, callId) };
  }

  async #missing(callId: string): Promise<string[]> {
    const now = await readGate(this.#scope.parts.config.paths.root, this.#plan.gate);
    return closedBecause(this.#progress(callId).begun?.gate ?? {}, now);
  }

  #overrun(progress: LoopProgress): string | undefined {
    return overrun(this.#plan.caps, this.#scope.parts.config.limits.turnMs, this.#spent(progress));
  }

  #spent({ begun, life }: LoopProgress): Spent {
    const { tokens, costUsd } = this.#used();
    return {
      ms: life.elapsedMs + this.#scope.parts.clock.now() - life.at,
      tokens: tokens - (begun?.spent.tokens ?? 0),
      costUsd: costUsd - (begun?.spent.costUsd ?? 0),
    };
  }

  #used(): { readonly tokens: number; readonly costUsd: number } {
    const { app, user, id: session, turn } = this.#scope.call;
    const sum = this.#scope.parts.store.usage.sum({ app, user, session, turn });
    return { tokens: tokensOf(sum), costUsd: sum.costUsd };
  }

  #progress(callId: string): LoopProgress {
    return readProgress(this.#scope.live.events, callId);
  }

  #events(scopeId: string): LiveEvent[] {
    return this.#scope.live.events.filter(({ isolationScope }) => isolationScope === scopeId);
  }

  #note({ invocationId, branch, isolationScope }: InvocationContext, note: LoopNote): Event {
    const text = noteText(this.name, this.#plan.maxIterations, note);
    return createEvent({
      invocationId,
      author: this.name,
      timestamp: this.#scope.parts.clock.now(),
      content: { role: 'model', parts: [{ text }] },
      customMetadata: { loop: { ...note } },
      ...(branch !== undefined && { branch }),
      ...(isolationScope !== undefined && { isolationScope }),
    });
  }
}

function capped({ reports }: LoopProgress, why: string): EndedNote {
  return { kind: 'ended', outcome: 'capped', iterations: reports.at(-1)?.iteration ?? 0, why };
}

/** Whether these events of one part hold its end: an earlier process may have died right behind it. */
function hasFinished(events: readonly LiveEvent[]): boolean {
  if (findSignal(events) !== undefined) return true;
  const last = events.at(-1);
  if (last === undefined || last.errorCode !== undefined || eventText(last).trim() === '') return false;
  return functionCalls(last).length === 0 && functionResponses(last).length === 0;
}
