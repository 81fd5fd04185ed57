import { definePlugin } from '@clay/sdk';
import { buildLoop } from './build-loop.ts';
import { loopsConfig } from './config.ts';
import { feedback, manual } from './handoff.ts';
import { opsLoop } from './ops-loop.ts';
import { researchLoop } from './research-loop.ts';
import { review } from './review.ts';

const routing = `--- LONG WORK ---
Work that one go will not finish goes to a loop, by delegate, with a task that says everything: to make or change something build_loop, to run or watch it ops_loop (the usual way on after a build), to find something out research_loop. For a second look at a piece of work: review.
Nobody but you speaks to the person. When a loop has ended, read what it hands over (${manual} after a build, ${feedback} after operations) and give one full report; what ${feedback} asks for belongs into the task of the next build.`;

export default definePlugin({
  name: 'loops',
  config: loopsConfig,
  setup(ctx) {
    const { maxIterations, ...caps } = ctx.config;
    const limits = { maxIterations, caps };
    for (const describe of [buildLoop, opsLoop, researchLoop]) ctx.agent(describe(limits));
    ctx.agent(review);
    ctx.prompt({ name: 'loops', placement: 'system', order: 60, render: () => routing });
  },
});
