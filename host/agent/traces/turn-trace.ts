import type { JsonObject } from '@clay/sdk';
import type { ModelRequest } from '../models/model.ts';
import type { LiveEvent } from '../sessions/live-session.ts';
import type { ToolResponse } from '../tools/tool-response.ts';

/** Writes down what happens in one turn. */
export interface TurnTrace {
  /** Ends the span when called. */
  beginAgent(agent: string): () => void;
  beginTool(name: string, args: JsonObject, callId: string | undefined): (response: ToolResponse) => void;
  beginModelCall(call: TracedModelCall): (response: JsonObject | LiveEvent | object) => void;
  /** Ties an event to the span that made it. */
  attach(event: LiveEvent): void;
  end(): void;
}

export interface TracedModelCall {
  readonly agent: string;
  readonly model: string;
  readonly request: ModelRequest;
}
