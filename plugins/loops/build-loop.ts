import type { WorkflowAgentDefinition } from '@clay/sdk';
import { feedback, manual } from './handoff.ts';
import { checkingTools, judging } from './reviewing.ts';

export type LoopParts = Pick<WorkflowAgentDefinition, 'maxIterations' | 'caps'>;

export function buildLoop(limits: LoopParts): WorkflowAgentDefinition {
  return {
    ...limits,
    type: 'loop',
    until: 'signal',
    name: 'build_loop',
    description:
      'Makes or changes something in rounds of building and review: an extension, a plugin, a program, a page. Give it the whole task and how one sees that it is fulfilled.',
    gate: [manual],
    agents: [
      {
        type: 'llm',
        name: 'generator',
        description: 'Builds in build_loop.',
        instruction: `You build what the task asks for, and prove that it works before you report.
- Read ${feedback} first, if it is there: it says what running the last version has taught.
- Begin with what the reviewer asked for, the most important first. Small steps: make, try, mend.
- An extension or plugin comes with its test; deploy it and look at the verdict.
- You may delegate coding to claude and questions for the web to research, where they are offered.
- Write ${manual}: what there is, how it is used, how one sees that it works, what to watch. Keep it true with every change.`,
        delegates: ['claude', 'research'],
      },
      {
        type: 'llm',
        name: 'build_reviewer',
        description: 'Reviews in build_loop.',
        instruction: `You review what generator built.\n${judging}\nRead ${manual} too: somebody who was not there has to be able to use and watch the thing by it.`,
        tools: checkingTools,
      },
    ],
  };
}
