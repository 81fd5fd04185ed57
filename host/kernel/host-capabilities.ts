import { ClayError, type Json, type JsonSchema } from '@clay/sdk';
import type { CallOut } from '@clay/sdk/wire';
import { hostName } from '../manifest/plugin-name.ts';
import type { CapabilityTable } from '../registry/capability-table.ts';
import type { Capability } from '../registry/registry.ts';
import type { Target } from '../router/targets.ts';

/** Something that the host itself provides under the name of a service, a prompt section or a command. */
export interface HostCapability {
  readonly kind: 'service' | 'prompt' | 'command';
  /** Such as `plugins.list`. */
  readonly name: string;
  readonly description: string;
  readonly parameters: JsonSchema | null;
  readonly details?: Capability['details'];
  readonly run: (args: Json, call: CallOut) => Json | Promise<Json>;
}

/** The host as a provider: journalled, checked and called like any plugin. */
export class HostCapabilities implements Target {
  readonly generation = 0;
  readonly #table: CapabilityTable;
  readonly #handlers = new Map<string, HostCapability['run']>();
  readonly #capabilities: Capability[] = [];

  constructor(table: CapabilityTable) {
    this.#table = table;
  }

  provide(capabilities: readonly HostCapability[]): void {
    for (const { kind, name, description, parameters, details = {}, run } of capabilities) {
      const fullName = `${kind}:${name}`;
      this.#handlers.set(fullName, run);
      this.#capabilities.push({
        kind,
        name,
        fullName,
        plugin: hostName,
        generation: 0,
        description,
        parameters,
        details,
      });
    }
    this.#table.replace(hostName, this.#capabilities);
  }

  find(plugin: string): Target | null {
    return plugin === hostName ? this : null;
  }

  async call(call: CallOut): Promise<Json> {
    const run = this.#handlers.get(call.capability);
    if (run === undefined) throw new ClayError('CAPABILITY_UNKNOWN', `Nobody provides ${call.capability}.`);
    call.onAck?.();
    return run(call.args, call);
  }

  credit(): void {}
}
