import { ClayError, type Clock, type PluginDefinition } from '@clay/sdk';
import { runPlugin } from '@clay/sdk/runtime';
import { createMemoryPorts } from '@clay/sdk/wire';
import type { Transport } from './transport.ts';

/** Runs a plugin that ships in the image inside the host. A new line each time it is opened. */
export function createInlineTransport(name: string, load: () => Promise<PluginDefinition>, clock: Clock): Transport {
  return {
    async open() {
      const definition = await load();
      if (typeof definition?.setup !== 'function') {
        throw new ClayError(
          'BAD_ARGUMENTS',
          `The entry module of plugin "${name}" must export definePlugin({ … }) as default.`,
          { phase: 'load' },
        );
      }
      const { host, plugin } = createMemoryPorts();
      runPlugin(definition, plugin, { clock });
      return host;
    },
  };
}
