import { createHash } from 'node:crypto';
import { type Call, ClayError, type Context, foreignText, type JsonObject } from '@clay/sdk';
import { isProgram, type McpConfig, type ServerDefinition } from './config.ts';
import { Approvals } from './server/approvals.ts';
import type { Tool } from './server/client-library.ts';
import { createConnection, folderOf, shellIsOff } from './server/connection.ts';
import { describeServer, pinOf } from './server/pin.ts';
import { Session } from './server/session.ts';
import { createListing, type Listing } from './tools/listing.ts';
import { toResultText } from './tools/result-text.ts';

/** What is known of a server, for people and the model. */
export interface ServerStatus extends JsonObject {
  readonly name: string;
  /** The command or the address. */
  readonly server: string;
  /** Who wants it: the operator in `clay.json`, or a person who said yes. */
  readonly by: 'operator' | 'person';
  readonly state: 'connected' | 'idle' | 'failed' | 'unknown';
  readonly tools: readonly string[];
  readonly notes: readonly string[];
  readonly problem: string | null;
  /** What it said of it itself, marked as foreign. */
  readonly said: string | null;
}

interface Server {
  readonly name: string;
  readonly definition: ServerDefinition;
  readonly by: 'operator' | 'person';
  readonly session: Session;
}

const listingPrefix = 'listing/';
const offeredKey = 'offered';
/** A server that is not there when it is first asked gets another chance, or two. */
const retryDelaysMs = [2_000, 10_000];

/** Every server of this claw, what it has, and the tools that are offered for it. */
export class Servers {
  readonly #ctx: Context<McpConfig>;
  readonly #approvals: Approvals;
  readonly #servers = new Map<string, Server>();
  /** By server; the tools of a server that is not there stay offered, and fail with its reason. */
  readonly #listings = new Map<string, Listing>();
  readonly #taken = new Map<string, string>();
  #loaded: Promise<void> | null = null;
  /** Offers are made one after another, so that the last one stands. */
  #offering: Promise<void> = Promise.resolve();

  constructor(ctx: Context<McpConfig>) {
    this.#ctx = ctx;
    this.#approvals = new Approvals(ctx.store, ctx.log);
  }

  /** Whether somebody has to be asked, or something offered anew. */
  async needsRefresh(): Promise<boolean> {
    await this.#load();
    return this.#isMissing() || (await this.#ctx.store.get(offeredKey)) !== this.#offer().key;
  }

  /** Asks the servers whose tools nobody knows, or every one, or the one that is named; then offers what there is. */
  async refresh(
    signal: AbortSignal,
    wanted: 'unknown' | 'all' | { readonly server: string } = 'unknown',
  ): Promise<void> {
    await this.#load();
    const asked = [...this.#servers.values()].filter(({ name }) =>
      wanted === 'unknown' ? !this.#listings.has(name) : wanted === 'all' || wanted.server === name,
    );
    const isUrgent = wanted !== 'unknown';
    await Promise.all(asked.map((server) => this.#ask(server, signal, isUrgent)));
    await this.#offerAll();
  }

  async status(): Promise<readonly ServerStatus[]> {
    await this.#load();
    return [...this.#servers.values()].map(({ name, definition, by, session }) => {
      const listing = this.#listings.get(name);
      const taken = (listing?.tools ?? []).flatMap((tool) => {
        const owner = this.#taken.get(tool.name);
        return owner === undefined
          ? []
          : [`${tool.name} is not offered: the plugin "${owner}" has a tool of this name.`];
      });
      const isOff = !this.#isUsable(definition);
      const problem = isOff ? shellIsOff : (session.problem?.reason ?? null);
      const said = session.problem?.said ?? '';
      return {
        name,
        server: describeServer(definition),
        by,
        state: session.isLive ? 'connected' : problem !== null ? 'failed' : listing === undefined ? 'unknown' : 'idle',
        tools: (listing?.tools ?? []).map((tool) => tool.name).filter((tool) => !this.#taken.has(tool)),
        notes: [...(listing?.notes ?? []), ...taken],
        problem,
        said: said === '' ? null : foreignText({ origin: 'tool', source: `MCP server ${name}`, text: said }),
      };
    });
  }

  /** Uses a tool by the name under which it is offered. */
  async run(offered: string, args: JsonObject, call: Call): Promise<string> {
    const { clock, paths } = this.#ctx;
    await this.#load();
    const found = this.#find(offered);
    if (found === null) {
      await this.#offerAll();
      throw new ClayError('NOT_FOUND', `No MCP server has a tool "${offered}" any more.`);
    }
    const { server, tool } = found;
    const { name, definition, session } = server;
    const timeoutMs = Math.min(definition.callMs, call.deadline - clock.now());
    const result = await session.call(tool, args, call, timeoutMs);
    const text = toResultText(result, {
      server: name,
      tool,
      folder: `${folderOf(paths.data, name)}/results`,
      shownFolder: `data/files/mcp/${name}/results`,
    });
    if (result.isError !== true) return text;
    throw new ClayError(
      'CONFLICT',
      `The tool "${tool}" of the MCP server "${name}" failed; what it said is in "output".`,
      {
        output: text,
      },
    );
  }

  /** The definition under a name; null when there is none. */
  async find(name: string): Promise<Pick<Server, 'definition' | 'by'> | null> {
    await this.#load();
    return this.#servers.get(name) ?? null;
  }

  /** Takes a server in that a person has said yes to, and gives what it has. */
  async add(name: string, definition: ServerDefinition, by: string, signal: AbortSignal): Promise<ServerStatus> {
    await this.#approvals.add(name, definition, by, this.#ctx.clock.now());
    await this.#drop(name);
    this.#servers.set(name, this.#server(name, definition, 'person'));
    await this.refresh(signal, { server: name });
    return (await this.status()).find((one) => one.name === name)!;
  }

  async remove(name: string): Promise<void> {
    await this.#load();
    await this.#approvals.remove(name);
    await this.#drop(name);
    await this.#offerAll();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#servers.values()].map(({ session }) => session.close()));
  }

  async #drop(name: string): Promise<void> {
    const old = this.#servers.get(name);
    this.#servers.delete(name);
    this.#listings.delete(name);
    await this.#ctx.store.delete(listingPrefix + name);
    await old?.session.close();
  }

  #load(): Promise<void> {
    this.#loaded ??= this.#read();
    return this.#loaded;
  }

  async #read(): Promise<void> {
    const { config, store } = this.#ctx;
    for (const [name, definition] of await this.#approvals.all())
      this.#servers.set(name, this.#server(name, definition, 'person'));
    for (const [name, definition] of Object.entries(config.servers))
      this.#servers.set(name, this.#server(name, definition, 'operator'));
    for (const key of await store.list(listingPrefix)) {
      const name = key.slice(listingPrefix.length);
      const listing = (await store.get(key)) as unknown as Listing;
      const server = this.#servers.get(name);
      if (server !== undefined && listing.pin === this.#pinOf(server.definition)) this.#listings.set(name, listing);
      else await store.delete(key);
    }
  }

  #server(name: string, definition: ServerDefinition, by: Server['by']): Server {
    const { config, clock, log } = this.#ctx;
    const session = new Session({
      name,
      definition,
      connect: () => createConnection(name, definition, this.#ctx),
      connectMs: config.connectMs,
      clock,
      log,
      onTools: (tools) => this.#heard(name, definition, tools),
    });
    return { name, definition, by, session };
  }

  #isUsable(definition: ServerDefinition): boolean {
    return !isProgram(definition) || this.#ctx.config.shell !== 'off';
  }

  /** Whether there is a server that could be asked what it has, and was not, or in vain. */
  #isMissing(): boolean {
    return [...this.#servers.values()].some(
      ({ name, definition }) => this.#isUsable(definition) && !this.#listings.has(name),
    );
  }

  /** Of a listing: what is left out belongs to what was asked. */
  #pinOf(definition: ServerDefinition): string {
    return `${pinOf(definition)} ${JSON.stringify([definition.only ?? null, this.#ctx.config.maxTools])}`;
  }

  async #ask({ name, definition, session }: Server, signal: AbortSignal, isUrgent: boolean): Promise<void> {
    const { clock, log } = this.#ctx;
    if (!this.#isUsable(definition)) return;
    for (const delayMs of [...retryDelaysMs, null]) {
      try {
        await session.list(signal, isUrgent);
        return;
      } catch (error) {
        signal.throwIfAborted();
        if (delayMs === null || isUrgent) {
          log.warn('mcp.unlisted', { server: name, error: String(error) });
          return;
        }
        await clock.sleep(delayMs, signal);
      }
    }
  }

  async #heard(name: string, definition: ServerDefinition, tools: readonly Tool[]): Promise<void> {
    if (this.#servers.get(name)?.definition !== definition) return;
    const listing = createListing(tools, {
      server: name,
      pin: this.#pinOf(definition),
      only: definition.only,
      maxTools: this.#ctx.config.maxTools,
    });
    if (JSON.stringify(this.#listings.get(name)) === JSON.stringify(listing)) return;
    this.#listings.set(name, listing);
    await this.#ctx.store.set(listingPrefix + name, listing);
    this.#ctx.log.info('mcp.listed', { server: name, tools: listing.tools.length, notes: [...listing.notes] });
    await this.#offerAll();
  }

  #find(offered: string): { readonly server: Server; readonly tool: string } | null {
    for (const server of this.#servers.values()) {
      const tool = this.#listings.get(server.name)?.tools.find(({ name }) => name === offered);
      if (tool !== undefined) return { server, tool: tool.original };
    }
    return null;
  }

  #offer(): { readonly key: string; readonly args: JsonObject } {
    const servers = [...this.#servers.values()];
    const tools = servers.flatMap(({ name, definition }) =>
      (this.#listings.get(name)?.tools ?? []).map((tool) => ({
        name: tool.name,
        description: tool.description,
        parameters: tool.parameters,
        timeoutMs: definition.callMs + this.#ctx.config.connectMs,
      })),
    );
    const args = { via: 'service:mcp.run', refresh: 'service:mcp.refresh', isPartial: this.#isMissing(), tools };
    // With the configuration, as the host asks again whenever it is another than at the last offer.
    const key = createHash('sha256')
      .update(JSON.stringify([args, this.#ctx.config]))
      .digest('hex');
    return { args, key };
  }

  #offerAll(): Promise<void> {
    this.#offering = this.#offering.then(
      () => this.#makeOffer(),
      () => this.#makeOffer(),
    );
    return this.#offering;
  }

  async #makeOffer(): Promise<void> {
    const { key, args } = this.#offer();
    if ((await this.#ctx.store.get(offeredKey)) === key) return;
    const { taken } = (await this.#ctx.call('service:tools.offer', args)) as unknown as {
      readonly taken: readonly { readonly name: string; readonly owner: string }[];
    };
    this.#taken.clear();
    for (const { name, owner } of taken) this.#taken.set(name, owner);
    if (taken.length > 0) this.#ctx.log.warn('mcp.names.taken', { tools: taken.map(({ name }) => name) });
    await this.#ctx.store.set(offeredKey, key);
  }
}
