import { ClayError } from '@clay/sdk';
import type { Builder } from './builder.ts';
import { type BuilderOptions, createBuilder } from './create-builder.ts';
import { createRemoteBuilder } from './remote/create-remote-builder.ts';

/** Builds at `BUILD_SERVICE_URL`, with `BUILD_SERVICE_TOKEN` where it needs one; in this process when that is unset. */
export function chooseBuilder(env: Readonly<Record<string, string | undefined>>, options: BuilderOptions): Builder {
  const url = env.BUILD_SERVICE_URL;
  if (!url) return createBuilder(options);
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new ClayError(
      'BAD_ARGUMENTS',
      `BUILD_SERVICE_URL is ${JSON.stringify(url)}; it must be an address such as http://127.0.0.1:9090.`,
    );
  const { clock, limits } = options;
  const token = env.BUILD_SERVICE_TOKEN;
  return createRemoteBuilder({ url, clock, ...(limits ? { limits } : {}), ...(token ? { token } : {}) });
}
