import type { Registry } from '../registry/registry.ts';

/** Whether a caller is the plugin that brings a channel: only it knows what people write and press there. */
export function isProvider(registry: Registry, channel: string, caller: string): boolean {
  const provider = registry.get(`channel:${channel}`)?.plugin;
  return provider !== undefined && caller === `plugin:${provider}`;
}
