// ADK's own AdkApiServer with one agent, an instant model and one tool: the peer of the benchmarks.
// Copied into .peers/adk before it runs, so that it finds the peer's packages there.
import { BaseLlm, FunctionTool, getSessionServiceFromUri, InMemorySessionService, LlmAgent } from '@google/adk';
import { AdkApiServer } from '@google/adk-devtools';

class InstantModel extends BaseLlm {
  constructor() {
    super({ model: 'instant' });
  }
  async *generateContentAsync(request) {
    const last = request.contents.at(-1);
    const wantsTool = last.parts.some((part) => part.text?.includes('use the tool'));
    const parts = wantsTool
      ? [{ functionCall: { id: `c${Date.now()}`, name: 'echo', args: { text: 'hi' } } }]
      : [{ text: 'done' }];
    yield { content: { role: 'model', parts }, finishReason: 'STOP' };
  }
  connect() {
    throw new Error('not a live model');
  }
}

const echo = new FunctionTool({ name: 'echo', description: 'Echoes.', execute: (args) => args });
const agent = new LlmAgent({
  name: 'clay',
  model: new InstantModel(),
  instruction: () => 'You are a peer.',
  tools: [echo],
});
const [port, sessions] = process.argv.slice(2);
const server = new AdkApiServer({
  host: '127.0.0.1',
  port: Number(port),
  sessionService: sessions === 'memory' ? new InMemorySessionService() : getSessionServiceFromUri(sessions),
  agentLoader: {
    listAgents: async () => ['clay'],
    getAgentFile: async () => ({ load: async () => agent, [Symbol.asyncDispose]: async () => {} }),
  },
  logLevel: 3,
});
await server.start();
