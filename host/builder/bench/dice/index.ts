import { ClayError, definePlugin } from '@clay/sdk';
import { roll } from './roll.ts';

export default definePlugin({
  name: 'dice',
  setup(ctx) {
    ctx.tool({
      name: 'roll',
      description: 'Rolls a die with the given number of sides.',
      parameters: { type: 'object', properties: { sides: { type: 'integer', minimum: 2 } }, required: ['sides'] },
      run: ({ sides }) => {
        if (Number(sides) > 1000) throw new ClayError('BAD_ARGUMENTS', `There is no die with ${String(sides)} sides.`);
        return { rolled: roll(Number(sides)) };
      },
    });
  },
});
