import type { Clock, Log } from '@clay/sdk';
import type { Limits, ModelConfig } from '../../config/config.ts';
import type { Model } from './model.ts';
import type { Models } from './models.ts';
import type { RetryPolicy } from './retry.ts';

export interface CreateModelOptions {
  readonly limits: Pick<Limits, 'modelIdleMs'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly retry?: RetryPolicy;
}

/** Makes the model that the configuration names. Only that provider's code is loaded. */
export async function createModel(config: ModelConfig, options: CreateModelOptions): Promise<Model> {
  const { clock, log, limits, retry } = options;
  switch (config.provider) {
    case 'offline': {
      const { OfflineModel } = await import('./offline/offline-model.ts');
      return new OfflineModel();
    }
    case 'anthropic': {
      const { AnthropicModel } = await import('./anthropic/anthropic-model.ts');
      return new AnthropicModel({ ...config, idleMs: limits.modelIdleMs, clock, log, ...(retry && { retry }) });
    }
    case 'gemini': {
      const { GeminiModel } = await import('./gemini/gemini-model.ts');
      return new GeminiModel({ ...config, idleMs: limits.modelIdleMs, clock, log, ...(retry && { retry }) });
    }
  }
}

export function createModels(config: ModelConfig, options: CreateModelOptions): Models {
  const models = new Map<string, Promise<Model>>();
  const defaultName = config.provider === 'offline' ? 'offline' : config.model;
  const others = config.provider === 'offline' ? [] : (config.names ?? []);
  return {
    provider: config.provider,
    defaultName,
    names: [...new Set([defaultName, ...others])],
    get(name = defaultName) {
      let model = models.get(name);
      if (!model) {
        model = createModel(config.provider === 'offline' ? config : { ...config, model: name }, options);
        models.set(name, model);
      }
      return model;
    },
  };
}
