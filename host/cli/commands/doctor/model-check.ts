import type { ModelConfig } from '../../../config/config.ts';
import { ClawClient } from '../../client/claw-client.ts';
import type { ClawAddress } from '../../client/find-claw.ts';
import { type Finding, failure, ok, warning } from './check.ts';

interface ModelAnswer {
  readonly model: { readonly provider: string; readonly name: string };
}

/** The model that a claw would start with in this environment. */
export function describeModel(model: ModelConfig): Finding {
  return model.provider === 'offline' ? offline() : ok('model', `${model.provider}, ${model.model}`);
}

/** The model that the running claw has: its environment may be another than this one. */
export async function checkRunningModel(address: ClawAddress): Promise<Finding> {
  const { model } = await new ClawClient(address).ask<ModelAnswer>('GET', '/version');
  return model.provider === 'offline' ? offline() : ok('model', `${model.provider}, ${model.name}`);
}

function offline(): Finding {
  const remedy = 'It is no language model. Start the claw with ANTHROPIC_API_KEY (or GOOGLE_API_KEY) set for one.';
  return warning('model', 'offline, the built-in command language', remedy);
}

/** Asks the model for one token, through the running claw. */
export async function checkModelAnswers(address: ClawAddress | null): Promise<Finding> {
  if (address === null)
    return warning('model answers', 'not asked: the claw does not run', 'Start the claw, then ask again.');
  try {
    const { model } = await new ClawClient(address).ask<ModelAnswer>('POST', '/api/admin/check-model');
    return ok('model answers', model.name);
  } catch (error) {
    const remedy = 'Check the key and the endpoint: "clay config" shows which are in force, and from where.';
    return failure('model answers', (error as Error).message, remedy);
  }
}
