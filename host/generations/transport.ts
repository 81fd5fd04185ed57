import type { HostMessage, PluginMessage, Port } from '@clay/sdk/wire';

/** How a generation is started: in the host's own process, or in one of its own. It gives the host's end of the line. */
export interface Transport {
  open(): Promise<Port<HostMessage, PluginMessage>>;
}
