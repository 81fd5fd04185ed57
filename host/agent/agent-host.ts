import type { CallSession } from '@clay/sdk';
import type { Content, EventJson, SessionJson } from './event-json.ts';
import type { AgentGraph } from './graph.ts';
import type { ModelChoice } from './models/model-choice.ts';
import type { TraceRing } from './traces/trace-ring.ts';
import type { Turn, Turns } from './turns/turn.ts';

/** The agent side of the host: turns, sessions, traces. All data in and out is plain JSON in the shape of the ADK API. */
export interface AgentHost {
  /** The one app name, `clay`. */
  readonly appName: string;
  readonly turns: Turns;
  readonly sessions: Sessions;
  readonly artifacts: Artifacts;
  readonly traces: TraceRing;
  /** The agents as they would be built for a turn that starts now. */
  graph(): AgentGraph;
  /** The model in use, for `/version` and `clay doctor`. */
  readonly model: { readonly provider: string; readonly name: string };
  /** Which one each user has chosen. */
  readonly modelChoice: Pick<ModelChoice, 'names' | 'of' | 'choose'>;
  /** One tiny model call, for `clay doctor`. Throws `MODEL` with the reason in plain words. */
  checkModel(signal?: AbortSignal): Promise<void>;
  /**
   * Asks the model once for a plugin, without tools and outside every conversation; counts as its usage. Throws `MODEL`.
   */
  ask(question: Question, signal?: AbortSignal): Promise<string>;
  /** Whether a turn can be taken. */
  ready(): { readonly ok: boolean; readonly reason?: string };
  /** Refuses new turns, waits up to `drainMs` for the open ones, then cancels what is left. */
  stop(drainMs: number): Promise<void>;
}

/** Something that a plugin asks the model. */
export interface Question {
  readonly prompt: string;
  readonly system?: string;
  readonly maxTokens?: number;
  readonly plugin: string;
  /** The conversation that it is asked for; null outside of all. */
  readonly session: CallSession | null;
}

/** What the host itself holds. */
export interface ResumableAgentHost extends AgentHost {
  /**
   * Goes on with the turns that a crash of the host left open, each from its last stored event and with the results that its
   * calls had. Gives them; called once, when the plugins are there.
   */
  resume(): readonly Turn[];
}

export interface SessionKey {
  readonly app: string;
  readonly user: string;
  readonly id: string;
}

/** Unknown keys throw `NOT_FOUND`, a session that exists already throws `CONFLICT`; each names the session. */
export interface Sessions {
  create(request: CreateSession): SessionJson;
  /** With all events by default. */
  get(key: SessionKey, options?: { readonly lastEvents?: number }): SessionJson;
  has(key: SessionKey): boolean;
  /** Newest first, without events. */
  list(app: string, user: string): readonly SessionJson[];
  /** Cancels an open turn of the session first. */
  delete(key: SessionKey): Promise<void>;
  patchState(key: SessionKey, stateDelta: Record<string, unknown>): SessionJson;
  /** Undoes this turn and all after it. Waits for an open turn, which it cancels. */
  rewind(key: SessionKey, turnId: string): Promise<SessionJson>;
  event(key: SessionKey, eventId: string): EventJson | undefined;
  /** Summarises now, whatever the size. False when there is nothing to summarise. */
  compact(key: SessionKey): Promise<boolean>;
}

export interface CreateSession {
  readonly app: string;
  readonly user: string;
  /** Default: made. */
  readonly id?: string;
  readonly state?: Record<string, unknown>;
  /** An exported conversation to begin with. */
  readonly events?: readonly EventJson[];
}

/** Stored values of a session; a name that begins with `user:` belongs to the user. Unknown ones throw `NOT_FOUND`. */
export interface Artifacts {
  names(key: SessionKey): readonly string[];
  versions(key: SessionKey, name: string): readonly number[];
  /** The newest version by default, as a Part of the ADK API. */
  load(key: SessionKey, name: string, version?: number): NonNullable<Content['parts']>[number];
  delete(key: SessionKey, name: string): void;
}
