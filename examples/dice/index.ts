import { definePlugin } from '@clay/sdk';

/** The smallest plugin that is of use: one file, one tool. */
export default definePlugin({
  name: 'dice',
  setup(ctx) {
    ctx.tool({
      name: 'roll',
      description: 'Rolls a die with the given number of sides, 6 when none is given.',
      parameters: { type: 'object', properties: { sides: { type: 'integer', minimum: 2, default: 6 } } },
      run: ({ sides }) => ({ rolled: 1 + Math.floor(Math.random() * Number(sides)) }),
    });
  },
});
