import { ClayError, type Json, type JsonObject, type Log, type Store } from '@clay/sdk';
import { type ServerDefinition, serverDefinition } from '../config.ts';
import { pinOf } from './pin.ts';

const prefix = 'approved/';

/** Servers that a person has said yes to: each exactly as it was then, in the host's store, which the agent cannot write. */
export class Approvals {
  readonly #store: Pick<Store, 'get' | 'set' | 'delete' | 'list'>;
  readonly #log: Log;

  constructor(store: Pick<Store, 'get' | 'set' | 'delete' | 'list'>, log: Log) {
    this.#store = store;
    this.#log = log;
  }

  async all(): Promise<ReadonlyMap<string, ServerDefinition>> {
    const found = new Map<string, ServerDefinition>();
    for (const key of await this.#store.list(prefix)) {
      const name = key.slice(prefix.length);
      const kept = (await this.#store.get(key)) as JsonObject | undefined;
      const parsed = serverDefinition.safeParse(kept?.definition);
      if (parsed.success && pinOf(parsed.data) === kept?.pin) found.set(name, parsed.data);
      else this.#log.error('mcp.approval.broken', { server: name });
    }
    return found;
  }

  async add(name: string, definition: ServerDefinition, by: string, at: number): Promise<void> {
    await this.#store.set(prefix + name, { definition: definition as unknown as Json, pin: pinOf(definition), by, at });
  }

  /** @throws ClayError `NOT_FOUND` */
  async remove(name: string): Promise<void> {
    if (await this.#store.delete(prefix + name)) return;
    throw new ClayError(
      'NOT_FOUND',
      `No person has added an MCP server "${name}". Those in clay.json are the operator's.`,
    );
  }
}
