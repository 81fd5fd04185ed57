import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';

export interface InstantModel {
  readonly url: string;
  close(): void;
}

/** A server that answers every request of the Anthropic messages API at once: a tool call when asked to use one, else "done". */
export async function startInstantModel(): Promise<InstantModel> {
  const server = createServer(async (request, response) => {
    const body = await readBody(request);
    if (!request.url?.includes('/messages')) return response.writeHead(404).end();
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(stream(wantsTool(body) ? toolCall() : text()));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the model server has no port');
  return { url: `http://127.0.0.1:${address.port}`, close: () => server.close() };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** Whether the last message is a person's that asks for the tool. */
function wantsTool(body: string): boolean {
  const { messages } = JSON.parse(body) as { messages: readonly { readonly content: unknown }[] };
  const last = JSON.stringify(messages.at(-1)?.content);
  return last.includes('use the tool') && !last.includes('tool_result');
}

type Event = readonly [type: string, fields: object];

function text(): Event[] {
  return [
    ['content_block_start', { index: 0, content_block: { type: 'text', text: '' } }],
    ['content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'done' } }],
    ['content_block_stop', { index: 0 }],
    ['message_delta', { delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 1 } }],
  ];
}

let calls = 0;

function toolCall(): Event[] {
  const block = { type: 'tool_use', id: `toolu_${++calls}`, name: 'tasks', input: {} };
  return [
    ['content_block_start', { index: 0, content_block: block }],
    ['content_block_delta', { index: 0, delta: { type: 'input_json_delta', partial_json: '{"action":"list"}' } }],
    ['content_block_stop', { index: 0 }],
    ['message_delta', { delta: { stop_reason: 'tool_use', stop_sequence: null }, usage: { output_tokens: 1 } }],
  ];
}

function stream(events: readonly Event[]): string {
  const usage = { input_tokens: 1, output_tokens: 1 };
  const message = {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    content: [],
    model: 'instant',
    stop_reason: null,
    stop_sequence: null,
    usage,
  };
  return [['message_start', { message }] as const, ...events, ['message_stop', {}] as const]
    .map(([type, fields]) => `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`)
    .join('');
}
