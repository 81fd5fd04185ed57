import {
  BaseLlm,
  FunctionTool,
  InMemorySessionService,
  LlmAgent,
  type LlmRequest,
  type LlmResponse,
  Runner,
} from '@google/adk';

/** ADK's Runner alone, in this process, with the same instant model and one tool: what every turn costs at the least. */
class InstantModel extends BaseLlm {
  #calls = 0;

  constructor() {
    super({ model: 'instant' });
  }

  override async *generateContentAsync(request: LlmRequest): AsyncGenerator<LlmResponse, void> {
    const wantsTool = request.contents.at(-1)?.parts?.some((part) => part.text?.includes('use the tool'));
    const call = { functionCall: { id: `c${++this.#calls}`, name: 'tasks', args: { action: 'list' } } };
    yield { content: { role: 'model', parts: [wantsTool ? call : { text: 'done' }] } };
  }

  override connect(): never {
    throw new Error('not a live model');
  }
}

/** Gives a function that runs one turn to its end. */
export async function createBareRunner(): Promise<(text: string) => Promise<void>> {
  const tool = new FunctionTool({
    name: 'tasks',
    description: 'Lists tasks.',
    execute: () => ({ message: 'No tasks.' }),
  });
  const agent = new LlmAgent({
    name: 'clay',
    model: new InstantModel(),
    instruction: () => 'You are a peer.',
    tools: [tool],
  });
  const sessionService = new InMemorySessionService();
  const runner = new Runner({ appName: 'clay', agent, sessionService });
  let count = 0;
  return async (text) => {
    const session = { userId: 'u', sessionId: `s${++count}` };
    await sessionService.createSession({ appName: 'clay', ...session });
    for await (const _ of runner.runAsync({ ...session, newMessage: { role: 'user', parts: [{ text }] } }));
  };
}
