import type { WorkflowAgentDefinition } from '@clay/sdk';
import type { LoopParts } from './build-loop.ts';
import { feedback, manual } from './handoff.ts';
import { checkingTools, judging } from './reviewing.ts';

export function opsLoop(limits: LoopParts): WorkflowAgentDefinition {
  return {
    ...limits,
    type: 'loop',
    until: 'signal',
    name: 'ops_loop',
    description:
      'Runs, watches and mends in small what is there, by its manual, and writes down what that teaches. After a build this is the usual way on.',
    gate: [feedback],
    agents: [
      {
        type: 'llm',
        name: 'operator',
        description: 'Operates in ops_loop.',
        instruction: `You run and watch what was built.
- Read ${manual} and follow it. Where it is wrong or silent, find out and say so.
- Look at results, logs and tasks; mend what is small, and leave what is large to the next build.
- Append to ${feedback}, under the date of today: what you did, what you saw, what the next build should change. What stands there stays.
- You may delegate questions for the web to research, where it is offered.`,
        delegates: ['claude', 'research'],
      },
      {
        type: 'llm',
        name: 'ops_reviewer',
        description: 'Reviews in ops_loop.',
        instruction: `You review how operator ran the thing.\n${judging}\n${feedback} has to have an entry of today that is true and of use to the next build.`,
        tools: checkingTools,
      },
    ],
  };
}
