import type { AnthropicMessage, AnthropicRequest } from '../../agent/testing/anthropic-rules.ts';
import type { ScriptedAnswer } from '../../agent/testing/anthropic-script.ts';
import type { CountingTool } from './counting-tool.ts';
import type { Steps } from './steps.ts';

/** What a person says so that the turn has a name. */
export const sayingOf = (key: string) => `Please count ${key} for me.`;
/** How the answer to it begins; long enough that it is shown as it grows. */
export const answerOf = (key: string) =>
  `**Answer ${key}.** ${'It was counted, and the count stands where counts are kept. '.repeat(4)}`.trim();

const saying = /Please count (k\d+) for me\./;

/** A model that calls the tool once in every turn, and then answers. */
export function scriptTurns(steps: Steps, tool: CountingTool) {
  return ({ messages }: AnthropicRequest): ScriptedAnswer => {
    const asked = messages.findLastIndex((message) => textOf(message) !== '');
    const key = saying.exec(asked < 0 ? '' : textOf(messages[asked]!))?.[1];
    if (key === undefined) return { text: 'Done.' };
    const isAfterTool = messages
      .slice(asked)
      .some((message) => JSON.stringify(message.content).includes('tool_result'));
    if (isAfterTool) {
      steps.reach('the model is asked again');
      const text = answerOf(key);
      const events = Math.ceil(text.length / 12) + 6;
      return {
        text,
        beforeNext: async (sent) => {
          if (sent === Math.floor(events / 2)) {
            await pause();
            steps.reach('the model answers');
          }
          if (sent === events) steps.reach('the model has answered');
        },
      };
    }
    steps.reach('the model is asked');
    return {
      text: 'I count it.',
      calls: [{ name: 'bash', input: { command: tool.command(key) } }],
      beforeNext: async (sent) => {
        if (sent === 5) {
          await pause();
          steps.reach('the model speaks');
        }
        if (sent === 9) steps.reach('the model has asked for the tool');
      },
    };
  };
}

/** What was written so far is on its way before anything dies. */
const pause = () => new Promise<void>((resolve) => setTimeout(resolve, 5));

/** Text of a person; results of tools are none. */
function textOf({ role, content }: AnthropicMessage): string {
  if (role !== 'user') return '';
  if (typeof content === 'string') return content;
  return content.flatMap(({ type, text }) => (type === 'text' ? [String(text)] : [])).join('\n');
}
