import { type Call, ClayError, type Clock, foreignText, type JsonObject, type Log } from '@clay/sdk';
import type { ServerDefinition } from '../config.ts';
import { cleanText } from '../tools/clean-text.ts';
import { type CallToolResult, Client, type ClientOptions, SdkHttpError, type Tool } from './client-library.ts';
import type { Connection } from './connection.ts';
import { hostErrorIn, toCallError } from './server-error.ts';

export interface SessionOptions {
  readonly name: string;
  readonly definition: ServerDefinition;
  readonly connect: () => Connection;
  readonly connectMs: number;
  readonly clock: Clock;
  readonly log: Log;
  /** Hears what tools the server has, whenever it was asked. */
  readonly onTools: (tools: readonly Tool[]) => Promise<void>;
}

const firstDelayMs = 1000;
const longestDelayMs = 60_000;
/** A remote server cannot tell us that its tools have changed. */
const relistMs = 300_000;
/** Of one call; a server may tell more often than anybody reads. */
const maxProgress = 200;
const progressChars = 300;

/** Why there is no session, in our words, and what came from the server, which are foreign. */
export interface Problem {
  readonly reason: string;
  readonly said: string;
}

const saidChars = 1000;

/** One that is spoken to, and by which it is. */
interface Live {
  readonly client: Client;
  readonly connection: Connection;
  listedAt: number;
}

/**
 * The one live session with a server. It begins with the first use, and again with the next after it has ended: at once
 * the first time, then not before a time that doubles with each failure.
 */
export class Session {
  readonly #options: SessionOptions;
  #live: Promise<Live> | null = null;
  #failures = 0;
  #nextTryAt = 0;
  #problem: Problem | null = null;
  #isClosed = false;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  get isLive(): boolean {
    return this.#live !== null;
  }

  /** Why there is no session; null when there is one, or nobody has wanted it. */
  get problem(): Problem | null {
    return this.#problem;
  }

  /** Asks the server what tools it has. */
  async list(signal: AbortSignal, isUrgent = false): Promise<void> {
    if (isUrgent) this.#nextTryAt = 0;
    const wasLive = this.#live !== null;
    const live = await this.#connected(signal);
    if (wasLive) await this.#tell(live);
  }

  /** Uses a tool of the server. Throws `ClayError`; what the server itself said of it is a result. */
  async call(tool: string, args: JsonObject, call: Call, timeoutMs: number): Promise<CallToolResult> {
    const live = await this.#connected(call.signal);
    let told = 0;
    const once = ({ client }: Live) =>
      client.callTool(
        { name: tool, arguments: args },
        {
          signal: call.signal,
          timeout: Math.max(1, timeoutMs),
          onprogress: ({ message, progress, total }) => {
            told += 1;
            const amount = total === undefined ? `${progress}` : `${progress} of ${total}`;
            if (told <= maxProgress) call.progress(cleanText(message ?? amount, progressChars));
          },
        },
      );
    try {
      const result = await once(live).catch(async (error) => {
        // Sessions of remote servers end when they please; what was asked in one that is over was not done.
        if (!(error instanceof SdkHttpError) || error.status !== 404) throw error;
        await this.#end();
        return once(await this.#connected(call.signal));
      });
      if (live.connection.isRemote && this.#options.clock.now() - live.listedAt > relistMs) this.#relist(live);
      return result;
    } catch (error) {
      throw toCallError(error, { server: this.#options.name, tool, connection: live.connection, signal: call.signal });
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#end();
  }

  async #end(): Promise<void> {
    const live = await this.#live?.catch(() => null);
    this.#live = null;
    await live?.client.close();
  }

  #away(when: string, cause?: unknown): ClayError {
    const { name } = this.#options;
    const { reason, said } = this.#problem ?? { reason: 'it was not tried yet', said: '' };
    const message = `The MCP server "${name}" is not there: ${reason}. ${when}`.trim();
    return new ClayError('UNAVAILABLE', message, {
      ...(said === '' ? {} : { output: foreignText({ origin: 'tool', source: `MCP server ${name}`, text: said }) }),
      ...(cause === undefined ? {} : { cause }),
    });
  }

  /** Whoever gives up waiting leaves the others their session. */
  async #connected(signal: AbortSignal): Promise<Live> {
    const { name, clock } = this.#options;
    if (this.#live === null) {
      if (this.#isClosed) throw new ClayError('CANCELLED', `The MCP server "${name}" is not used any more.`);
      const leftMs = this.#nextTryAt - clock.now();
      if (leftMs > 0) {
        const when = `It is tried again in ${Math.ceil(leftMs / 1000)} s at the earliest, or at once by mcp_servers with action "refresh".`;
        throw this.#away(when);
      }
      this.#live = this.#connect();
      // Awaited below by whoever stays; the failure is kept in #problem.
      this.#live.catch(() => undefined);
    }
    return orAborted(this.#live, signal);
  }

  async #connect(): Promise<Live> {
    const { name, connectMs, clock, log, connect } = this.#options;
    const startedAt = clock.now();
    let connection: Connection | null = null;
    try {
      connection = connect();
      const client = this.#client(connection);
      await client.connect(connection.transport, { timeout: connectMs });
      const live: Live = { client, connection, listedAt: 0 };
      client.onclose = () => this.#lost(live);
      await this.#tell(live);
      this.#failures = 0;
      this.#problem = null;
      log.info('mcp.connected', { server: name, ms: clock.now() - startedAt });
      return live;
    } catch (error) {
      const problem = problemOf(error, connection);
      await connection?.transport.close().catch((failed) => log.warn('mcp.close.failed', { error: String(failed) }));
      this.#failed(problem);
      throw this.#away('', error);
    }
  }

  #client({ isRemote }: Connection): Client {
    return new Client(
      { name: 'clay', version: '0.1.0' },
      {
        // A program that is asked before it was greeted may end; a remote one answers.
        versionNegotiation: { mode: isRemote ? 'auto' : 'legacy' },
        listMaxPages: 20,
        // What a server says of its own output binds nobody.
        jsonSchemaValidator: {
          getValidator: () => (input) => ({ valid: true, data: input as never, errorMessage: undefined }),
        },
        ...(isRemote ? {} : { listChanged: this.#follow() }),
      },
    );
  }

  /** Of a program. A remote one would be followed by a request that never ends, which the host does not make. */
  #follow(): NonNullable<ClientOptions['listChanged']> {
    const { log, name } = this.#options;
    return {
      tools: {
        onChanged: (error, tools) => {
          if (error !== null || tools === null) log.warn('mcp.list.failed', { server: name, error: String(error) });
          else this.#heard(tools);
        },
      },
    };
  }

  async #tell(live: Live): Promise<void> {
    const { connectMs, clock, onTools } = this.#options;
    const { tools } = await live.client.listTools(undefined, { timeout: connectMs });
    live.listedAt = clock.now();
    await onTools(tools);
  }

  #heard(tools: readonly Tool[]): void {
    const { log, name, onTools } = this.#options;
    onTools(tools).catch((error) => log.error('mcp.list.failed', { server: name, error: String(error) }));
  }

  #relist(live: Live): void {
    const { log, name, clock } = this.#options;
    live.listedAt = clock.now();
    this.#tell(live).catch((error) => log.warn('mcp.list.failed', { server: name, error: String(error) }));
  }

  #lost({ connection }: Live): void {
    const { log, name } = this.#options;
    this.#live = null;
    if (this.#isClosed) return;
    const reason = connection.problem();
    if (reason === null) return;
    this.#failed({ reason, said: cleanText(connection.errorOutput(), saidChars) });
    log.warn('mcp.lost', { server: name, reason });
  }

  #failed(problem: Problem): void {
    const { clock, log, name } = this.#options;
    this.#live = null;
    this.#problem = problem;
    // The first time, the next use may be lucky at once.
    const delayMs = this.#failures === 0 ? 0 : Math.min(longestDelayMs, firstDelayMs * 2 ** (this.#failures - 1));
    this.#failures += 1;
    this.#nextTryAt = clock.now() + delayMs;
    log.warn('mcp.failed', { server: name, ...problem, nextTryMs: delayMs });
  }
}

/** A library's error holds what the server answered; the host's own does not. */
function problemOf(error: unknown, connection: Connection | null): Problem {
  const message = error instanceof Error ? error.message : String(error);
  const own = connection?.problem() ?? hostErrorIn(error)?.message ?? null;
  const said = own === null ? message : (connection?.errorOutput() ?? '');
  return { reason: own ?? 'it did not answer as an MCP server does', said: cleanText(said, saidChars) };
}

async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
