import { definePlugin } from '@clay/sdk';
import { declarePublishing } from './public-page/publishing.ts';

export default definePlugin({
  name: 'platform',
  setup(ctx) {
    declarePublishing(ctx);
  },
});
