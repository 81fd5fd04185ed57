import { ClayError } from '@clay/sdk';
import type { Builder } from './builder.ts';
import type { BuilderOptions } from './create-builder.ts';

/**
 * Builds at `BUILD_SERVICE_URL`, with `BUILD_SERVICE_TOKEN` where it needs one; in this process when that is unset. The
 * compilers are loaded by the first build: most claws run for days without one.
 */
export function chooseBuilder(env: Readonly<Record<string, string | undefined>>, options: BuilderOptions): Builder {
  const url = env.BUILD_SERVICE_URL;
  if (url && (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)))
    throw new ClayError(
      'BAD_ARGUMENTS',
      `BUILD_SERVICE_URL is ${JSON.stringify(url)}; it must be an address such as http://127.0.0.1:9090.`,
    );
  return new LazyBuilder(() => (url ? loadRemote(url, env.BUILD_SERVICE_TOKEN, options) : loadLocal(options)));
}

async function loadLocal(options: BuilderOptions): Promise<Builder> {
  const { createBuilder } = await import('./create-builder.ts');
  return createBuilder(options);
}

async function loadRemote(url: string, token: string | undefined, { clock, limits }: BuilderOptions): Promise<Builder> {
  const { createRemoteBuilder } = await import('./remote/create-remote-builder.ts');
  return createRemoteBuilder({ url, clock, ...(limits ? { limits } : {}), ...(token ? { token } : {}) });
}

class LazyBuilder implements Builder {
  readonly #load: () => Promise<Builder>;
  #builder: Promise<Builder> | null = null;

  constructor(load: () => Promise<Builder>) {
    this.#load = load;
  }

  async build(...request: Parameters<Builder['build']>): ReturnType<Builder['build']> {
    return (await this.#loaded()).build(...request);
  }

  async check(...request: Parameters<Builder['check']>): ReturnType<Builder['check']> {
    return (await this.#loaded()).check(...request);
  }

  async close(): Promise<void> {
    await (await this.#builder)?.close();
  }

  #loaded(): Promise<Builder> {
    this.#builder ??= this.#load();
    return this.#builder;
  }
}
