import type { EventJson, Part } from '../../agent/event-json.ts';

/** An event as `POST /msg` and `/msg/stream` tell it. */
export type MessageEvent =
  | { readonly type: 'text'; readonly author: string; readonly text: string }
  | {
      readonly type: 'tool_call';
      readonly author: string;
      readonly tool_name: string;
      readonly tool_id: string;
      readonly tool_args: Readonly<Record<string, unknown>>;
    }
  | {
      readonly type: 'tool_result';
      readonly author: string;
      readonly tool_name: string;
      readonly tool_id: string;
      readonly result: Readonly<Record<string, unknown>>;
    };

/** What an event of the ADK API says to a person: whole texts, tool calls, tool results. Thoughts are not told. */
export function toMessageEvents(event: EventJson): MessageEvent[] {
  const author = event.author ?? '';
  if (event.partial === true || author === 'user') return [];
  return (event.content?.parts ?? []).flatMap((part) => toMessageEvent(author, part) ?? []);
}

function toMessageEvent(author: string, part: Part): MessageEvent | null {
  if (part.functionCall) {
    const { name = '', id = '', args = {} } = part.functionCall;
    return { type: 'tool_call', author, tool_name: name, tool_id: id, tool_args: args };
  }
  if (part.functionResponse) {
    const { name = '', id = '', response = {} } = part.functionResponse;
    return { type: 'tool_result', author, tool_name: name, tool_id: id, result: response };
  }
  if (part.thought === true || part.text === undefined || part.text.trim() === '') return null;
  return { type: 'text', author, text: part.text };
}
