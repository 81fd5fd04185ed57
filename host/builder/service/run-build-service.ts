import type { Clock, Log } from '@clay/sdk';
import { createBuilder } from '../create-builder.ts';
import { defaultLimits } from '../limits.ts';
import { parseBuildAddress } from './build-address.ts';
import { type BuildService, startBuildService } from './build-service.ts';

const defaultAddress = ':9090';

/** A build service with compilers of its own, set by `BUILD_ADDR` and `BUILD_TOKEN`. */
export async function runBuildService(
  env: Readonly<Record<string, string | undefined>>,
  clock: Clock,
  log: Log,
): Promise<BuildService> {
  const address = parseBuildAddress(env.BUILD_ADDR || defaultAddress);
  const tokens = (env.BUILD_TOKEN ?? '')
    .split(',')
    .map((token) => token.trim())
    .filter((token) => token !== '');
  const builder = createBuilder({ clock });
  try {
    const service = await startBuildService({ builder, limits: defaultLimits, address, tokens, clock, log });
    return {
      url: service.url,
      async close() {
        await service.close();
        await builder.close();
      },
    };
  } catch (error) {
    await builder.close();
    throw error;
  }
}
