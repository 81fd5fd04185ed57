import type { JsonObject } from '@clay/sdk';

/** A span in the shape that the ADK web UI reads. */
export interface Span {
  readonly name: string;
  readonly span_id: string;
  readonly trace_id: string;
  readonly parent_span_id: string | null;
  /** Nanoseconds since the epoch. */
  readonly start_time: number;
  readonly end_time: number;
  /** `gcp.vertex.agent.*`; `gcp.vertex.agent.llm_request` and the like hold JSON as a string. */
  readonly attributes: JsonObject;
}

/** The newest spans; older ones are forgotten. */
export interface TraceRing {
  /** In order of their start; empty for an unknown session. */
  bySession(sessionId: string): readonly Span[];
  /** The attributes of the span that made this event. */
  byEvent(eventId: string): JsonObject | undefined;
}
