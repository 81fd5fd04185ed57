import { definePlugin } from '@clay/sdk';
import { platformConfig } from './config.ts';
import { declareAbsence, declarePlatform } from './platform-tools.ts';
import { declarePublishing } from './public-page/publishing.ts';

export default definePlugin({
  name: 'platform',
  config: platformConfig,
  setup(ctx) {
    declarePublishing(ctx);
    const { baseUrl = null, agentId = null } = ctx.config.platform ?? {};
    if (baseUrl === null) declareAbsence(ctx);
    else declarePlatform(ctx, baseUrl, agentId);
  },
});
