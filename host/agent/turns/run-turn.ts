import { randomUUID } from 'node:crypto';
import { BasePlugin, type InvocationContext, Runner, StreamingMode } from '../adk.ts';
import { listAgents } from '../agents/agent-definition.ts';
import { buildRoot, rootName } from '../agents/build-agent.ts';
import { createDelegateTool } from '../agents/delegate.ts';
import { goesOn, ResumeDelegations } from '../agents/resume-delegations.ts';
import { danglingCalls } from '../contents/calls.ts';
import type { Content, EventJson } from '../event-json.ts';
import { renderSections } from '../prompt/sections.ts';
import type { LiveSession } from '../sessions/live-session.ts';
import { interrupted, type RepairOptions, type RepairReason, repairEvents } from '../sessions/repair.ts';
import { storeEvent } from '../sessions/stored-event.ts';
import { tellPlugins } from '../tell-plugins.ts';
import type { BoundedTraces } from '../traces/bounded-traces.ts';
import { CommitWaiters } from './commit-waiters.ts';
import { endsTurn, finalText } from './outcome.ts';
import { RunningCalls } from './running-calls.ts';
import type { TurnError, TurnOutcome, TurnRequest } from './turn.ts';
import { HostStopping, type TurnRecord } from './turn-record.ts';
import type { AgentParts, TurnScope } from './turn-scope.ts';
import { TurnSessions } from './turn-sessions.ts';

/** Runs one turn to its end, whatever happens in it; the caller holds the session's lock. */
export async function runTurn(
  turn: TurnRecord,
  request: TurnRequest,
  live: LiveSession,
  parts: AgentParts,
  traces: BoundedTraces,
): Promise<TurnOutcome> {
  const waiters = new CommitWaiters();
  const trace = traces.beginTurn(live.key.session, turn.id);
  let userContent: Content | undefined;
  const running = new RunningCalls();
  const { user, session } = turn;
  const message: Content = { role: 'user', parts: parts.redactor.json(request.message.parts ?? []) };
  try {
    // A loop, and a call that waits for a yes, go on where they were: they are answered when they end.
    const isLeftOpen = turn.isResumed ? goesOn(parts, rootName) : undefined;
    store(live, parts, repairs(live, parts, interrupted, isLeftOpen));
    if (turn.isResumed) userContent = messageOf(live, turn.id);
    const text = textOf(message);
    tellPlugins(parts, 'turn.started', { user, session, turn: turn.id, text });
    const call = { app: turn.app, user, id: session, turn: turn.id };
    const view = { agent: rootName, user, session, text };
    const { registry, router, clock, log } = parts;
    const sections = await renderSections({ registry, router, view, call, signal: turn.signal, clock, log });
    const scope: TurnScope = {
      parts,
      call,
      live,
      sections,
      trace,
      signal: turn.signal,
      isStreaming: request.streaming,
      userContent: () => userContent,
      modelCalls: { count: 0 },
      running,
      callIds: new Set(),
      show: (event) => turn.push(event),
      committed: (eventId) => waiters.wait(eventId),
    };
    const service = new TurnSessions(parts.store.sessions, live, turn.isResumed, (event) => {
      if (event.author === 'user' && event.isolationScope === undefined) userContent ??= event.content;
      trace.attach(event);
      waiters.resolve(event.id);
    });
    await runAgents(turn, { ...request, message }, scope, service);
  } catch (thrown) {
    if (!turn.signal.aborted) {
      keepMessage(turn, live, parts, message, userContent);
      return failTurn(turn, live, parts, thrown);
    }
  } finally {
    waiters.rejectAll(new Error('the turn has ended'));
    trace.end();
  }
  // A cancel that comes behind the answer is too late.
  if (!turn.signal.aborted || endsTurn(turn.wholeEvents().at(-1), rootName)) return outcomeOf(turn);
  if (turn.signal.reason instanceof HostStopping && canGoOn(live, parts)) {
    await running.settle(parts.clock);
    return { ...outcomeOf(turn), status: 'cancelled', isParked: true };
  }
  keepMessage(turn, live, parts, message, userContent);
  // A tool that ends on the cancel tells what it had printed; the journal keeps that for the session.
  await running.settle(parts.clock);
  return cancelTurn(turn, live, parts);
}

/** Whether the next host can go on with this turn where it is. */
function canGoOn(live: LiveSession, parts: AgentParts): boolean {
  const isOpen = goesOn(parts, rootName);
  return danglingCalls(live.events).some(({ event, calls }) => calls.some((call) => isOpen(event, call)));
}

/** A turn that ended before it began has not stored what the person said. */
function keepMessage(
  turn: TurnRecord,
  live: LiveSession,
  parts: AgentParts,
  content: Content,
  stored: Content | undefined,
): void {
  if (!stored && !turn.isResumed)
    store(live, parts, [{ ...closingEvent(turn, parts.clock.now()), author: 'user', content }]);
}

function messageOf(live: LiveSession, turnId: string): Content | undefined {
  return live.events.find(({ invocationId, author }) => invocationId === turnId && author === 'user')?.content;
}

function textOf(content: Content): string {
  return content.parts?.map((part) => part.text ?? '').join('') ?? '';
}

async function runAgents(
  turn: TurnRecord,
  request: TurnRequest,
  scope: TurnScope,
  service: TurnSessions,
): Promise<void> {
  const { registry, log } = scope.parts;
  const plans = listAgents(registry, rootName, (error) => log.warn('agent.refused', { error: error.message }));
  // Asked anew each time: an agent that was loaded a moment ago can be given work at once.
  const current = () => listAgents(registry, rootName, () => undefined);
  const runner = new Runner({
    appName: turn.app,
    agent: buildRoot(scope, plans, [createDelegateTool(current)], new ResumeDelegations(scope, current)),
    sessionService: service,
    plugins: [new TurnIdPlugin(turn.id)],
  });
  const endSpan = scope.trace.beginAgent(rootName);
  const run = runner.runAsync({
    userId: turn.user,
    sessionId: turn.session,
    newMessage: request.message,
    ...(request.stateDelta && { stateDelta: { ...request.stateDelta } }),
    runConfig: {
      streamingMode: request.streaming ? StreamingMode.SSE : StreamingMode.NONE,
      // Ours counts, over all agents, and ends the turn with an answer in place of an error.
      maxLlmCalls: Number.MAX_SAFE_INTEGER,
    },
    abortSignal: turn.signal,
  });
  for await (const event of run) turn.push(event);
  endSpan();
}

/** The engine makes an id of its own for every run; ours is known from the start, so that a client can name its turn. */
class TurnIdPlugin extends BasePlugin {
  readonly #turnId: string;

  constructor(turnId: string) {
    super('clay_turn_id');
    this.#turnId = turnId;
  }

  override async onUserMessageCallback({
    invocationContext,
  }: {
    invocationContext: InvocationContext;
  }): Promise<undefined> {
    const context: { invocationId: string } = invocationContext;
    context.invocationId = this.#turnId;
  }
}

function outcomeOf(turn: TurnRecord): TurnOutcome {
  const events = turn.wholeEvents();
  const main = events.filter(({ isolationScope }) => isolationScope === undefined);
  const text = finalText(main);
  const last = main.at(-1);
  if (last?.errorCode === undefined) return { status: 'done', text, events };
  const details = last.customMetadata?.details;
  const error: TurnError = {
    code: last.errorCode,
    message: last.errorMessage ?? last.errorCode,
    ...(typeof details === 'string' && { details }),
  };
  return { status: 'failed', text, events, error };
}

function failTurn(turn: TurnRecord, live: LiveSession, parts: AgentParts, thrown: unknown): TurnOutcome {
  const details = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  parts.log.error('turn.failed', { turn: turn.id, session: turn.session, details });
  const message = 'Something went wrong inside the agent. The conversation is kept; please try again.';
  const event: EventJson = {
    ...closingEvent(turn, parts.clock.now()),
    errorCode: 'INTERNAL',
    errorMessage: message,
    customMetadata: { details: thrown instanceof Error ? thrown.message : String(thrown) },
  };
  publish(turn, live, parts, [...repairs(live, parts, interrupted), event]);
  return outcomeOf(turn);
}

/** Leaves the session so that the next turn, and the model in it, can go on. */
function cancelTurn(turn: TurnRecord, live: LiveSession, parts: AgentParts): TurnOutcome {
  const reason = turn.signal.reason instanceof Error ? turn.signal.reason.message : 'cancelled';
  const cancelled: RepairReason = {
    code: 'CANCELLED',
    message: `Cancelled: ${reason}. The tool may have taken effect in part.`,
  };
  const event: EventJson = {
    ...closingEvent(turn, parts.clock.now()),
    content: {
      role: 'model',
      parts: [{ text: `${turn.unfinishedText}\n[This turn was stopped: ${reason}.]`.trim() }],
    },
    errorCode: 'CANCELLED',
    errorMessage: `This turn was stopped: ${reason}.`,
  };
  publish(turn, live, parts, [...repairs(live, parts, cancelled), event]);
  return { ...outcomeOf(turn), status: 'cancelled' };
}

function repairs(
  live: LiveSession,
  { calls, clock }: AgentParts,
  reason: RepairReason,
  isLeftOpen?: RepairOptions['isLeftOpen'],
): EventJson[] {
  return repairEvents(live.events, { reason, calls, now: clock.now(), createId: randomUUID, isLeftOpen });
}

function closingEvent(turn: TurnRecord, timestamp: number): EventJson {
  return {
    id: randomUUID(),
    invocationId: turn.id,
    author: rootName,
    timestamp,
    actions: { stateDelta: {}, artifactDelta: {} },
  };
}

function publish(turn: TurnRecord, live: LiveSession, parts: AgentParts, events: readonly EventJson[]): void {
  store(live, parts, events);
  for (const event of events) turn.push(event);
}

function store(live: LiveSession, parts: AgentParts, events: readonly EventJson[]): void {
  for (const event of events) storeEvent(parts.store.sessions, live, event);
}
