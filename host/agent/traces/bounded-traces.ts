import type { Clock, JsonObject } from '@clay/sdk';
import { functionResponses } from '../contents/calls.ts';
import type { Content } from '../event-json.ts';
import type { ModelRequest } from '../models/model.ts';
import type { Span, TraceRing } from './trace-ring.ts';
import type { TurnTrace } from './turn-trace.ts';

/** Spans that are kept. */
const maxSpans = 600;
/** Contents of a model request that a span shows; older ones are counted only. */
const maxShownContents = 20;
const maxShownText = 20_000;

interface OpenSpan {
  readonly name: string;
  readonly id: string;
  readonly traceId: string;
  readonly sessionId: string;
  readonly parent: OpenSpan | null;
  readonly startedAt: number;
  endedAt: number;
  eventId: string | undefined;
  /** Made when somebody looks, so that a turn pays nothing for it. */
  attributes: () => Record<string, string>;
}

/** The newest spans of all turns, in memory. */
export class BoundedTraces implements TraceRing {
  readonly #clock: Clock;
  readonly #spans: OpenSpan[] = [];
  #lastId = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  bySession(sessionId: string): readonly Span[] {
    return this.#spans.filter((span) => span.sessionId === sessionId).map((span) => toSpan(span, this.#clock.now()));
  }

  byEvent(eventId: string): JsonObject | undefined {
    const span = this.#spans.findLast((candidate) => candidate.eventId === eventId);
    return span && attributesOf(span);
  }

  beginTurn(sessionId: string, turnId: string): TurnTrace {
    // A UUID without its dashes is what a trace id is.
    const traceId = turnId.replaceAll('-', '');
    const begun: OpenSpan[] = [];
    const begin = (name: string, parent: OpenSpan | null, attributes: OpenSpan['attributes']) => {
      const span = this.#begin(name, traceId, sessionId, parent, attributes);
      begun.push(span);
      return span;
    };
    const root = begin('invocation', null, () => ({
      'gcp.vertex.agent.invocation_id': turnId,
    }));
    const open = new Map<string, OpenSpan>();
    const tools = new Map<string, OpenSpan>();
    const agents: OpenSpan[] = [];
    const current = () => agents.findLast((span) => span.endedAt === 0) ?? root;
    return {
      beginAgent: (agent) => {
        const span = begin(`invoke_agent ${agent}`, current(), () => ({
          'gen_ai.agent.name': agent,
        }));
        agents.push(span);
        return () => this.#end(span);
      },
      beginTool: (name, args, callId) => {
        let result: unknown = {};
        const span = begin(`execute_tool ${name}`, current(), () => ({
          'gen_ai.operation.name': 'execute_tool',
          'gen_ai.tool.name': name,
          'gen_ai.tool.call.id': callId ?? '',
          'gcp.vertex.agent.llm_request': '{}',
          'gcp.vertex.agent.llm_response': '{}',
          'gcp.vertex.agent.tool_call_args': shown(args),
          'gcp.vertex.agent.tool_response': shown(result),
        }));
        if (callId !== undefined) tools.set(callId, span);
        return (response) => {
          result = response;
          this.#end(span);
        };
      },
      beginModelCall: ({ agent, model, request }) => {
        let result: object = {};
        const seen = seenRequest(model, request);
        const span = begin('call_llm', current(), () => ({
          'gen_ai.system': 'clay',
          'gen_ai.request.model': model,
          'gen_ai.agent.name': agent,
          'gcp.vertex.agent.invocation_id': turnId,
          'gcp.vertex.agent.session_id': sessionId,
          'gcp.vertex.agent.llm_request': shown(seen),
          'gcp.vertex.agent.llm_response': shown(result),
        }));
        open.set(agent, span);
        return (response) => {
          result = response;
          this.#end(span);
        };
      },
      attach: (event) => {
        for (const { id } of functionResponses(event)) {
          const span = tools.get(id ?? '');
          if (span) span.eventId = event.id;
        }
        const model = open.get(event.author ?? '');
        if (model && functionResponses(event).length === 0) model.eventId = event.id;
      },
      end: () => {
        for (const span of begun) if (span.endedAt === 0) this.#end(span);
      },
    };
  }

  #begin(
    name: string,
    traceId: string,
    sessionId: string,
    parent: OpenSpan | null,
    attributes: OpenSpan['attributes'],
  ): OpenSpan {
    const id = (++this.#lastId).toString(16).padStart(16, '0');
    const startedAt = this.#clock.now();
    const span: OpenSpan = {
      name,
      id,
      traceId,
      sessionId,
      parent,
      startedAt,
      endedAt: 0,
      eventId: undefined,
      attributes,
    };
    this.#spans.push(span);
    if (this.#spans.length > maxSpans) this.#spans.splice(0, this.#spans.length - maxSpans);
    return span;
  }

  #end(span: OpenSpan): void {
    span.endedAt = this.#clock.now();
  }
}

/** References only: the contents are the session's own. */
function seenRequest(model: string, request: ModelRequest) {
  const left = request.contents.length - maxShownContents;
  const note: Content[] = left > 0 ? [{ role: 'user', parts: [{ text: `[${left} older contents not shown]` }] }] : [];
  const tools = request.tools.map(({ name, description }) => ({ name, description }));
  return {
    model,
    contents: [...note, ...request.contents.slice(-maxShownContents)],
    config: { system_instruction: request.system, tools: [{ function_declarations: tools }] },
  };
}

/** JSON, with long texts cut. */
function shown(value: unknown): string {
  return JSON.stringify(value, (_key, inner) =>
    typeof inner === 'string' && inner.length > maxShownText ? `${inner.slice(0, maxShownText)}…` : inner,
  );
}

function attributesOf(span: OpenSpan): JsonObject {
  return { ...span.attributes(), ...(span.eventId !== undefined && { 'gcp.vertex.agent.event_id': span.eventId }) };
}

function toSpan(span: OpenSpan, now: number): Span {
  return {
    name: span.name,
    span_id: span.id,
    trace_id: span.traceId,
    parent_span_id: span.parent?.id ?? null,
    start_time: span.startedAt * 1e6,
    end_time: (span.endedAt || now) * 1e6,
    attributes: attributesOf(span),
  };
}
