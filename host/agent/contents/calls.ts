import type { FunctionCall, FunctionResponse } from '../event-json.ts';
import type { LiveEvent } from '../sessions/live-session.ts';

export function functionCalls(event: LiveEvent): readonly FunctionCall[] {
  return event.content?.parts?.flatMap((part) => part.functionCall ?? []) ?? [];
}

export function functionResponses(event: LiveEvent): readonly FunctionResponse[] {
  return event.content?.parts?.flatMap((part) => part.functionResponse ?? []) ?? [];
}

/** Text for a person: no thoughts. */
export function eventText(event: LiveEvent): string {
  return event.content?.parts?.map((part) => (part.thought ? '' : (part.text ?? ''))).join('') ?? '';
}

/** Calls of the last turn without a result, with the events that hold them. */
export function danglingCalls(
  events: readonly LiveEvent[],
): { readonly event: LiveEvent; readonly calls: FunctionCall[] }[] {
  const turn = events.at(-1)?.invocationId;
  const answered = new Set<string | undefined>();
  const dangling: { event: LiveEvent; calls: FunctionCall[] }[] = [];
  for (let index = events.length - 1; index >= 0 && events[index]!.invocationId === turn; index--) {
    const event = events[index]!;
    for (const { id } of functionResponses(event)) answered.add(id);
    const calls = functionCalls(event).filter(({ id }) => !answered.has(id));
    if (calls.length > 0) dangling.unshift({ event, calls });
  }
  return dangling;
}
