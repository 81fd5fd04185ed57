import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CallSession, ClayError, type Clock, type Log } from '@clay/sdk';
import type { Config } from '../../config/config.ts';
import type { Budgets, Charge } from '../../policy/budget/budgets.ts';
import type { Redactor } from '../../policy/redaction/redactor.ts';
import { noSession } from '../models/ask.ts';
import { usageEntry } from '../models/metered.ts';
import { Grants, type OpenGrant } from './grants.ts';
import { type Question, questionPath, readQuestion } from './question.ts';
import { Refusal, sendRefusal } from './refusal.ts';
import { relay } from './relay.ts';

export interface ModelEndpointOptions {
  readonly config: Pick<Config, 'model' | 'prices' | 'limits'>;
  readonly budgets: Pick<Budgets, 'admit' | 'origins'>;
  /** Default: there are no secrets. */
  readonly redactor?: Pick<Redactor, 'text'>;
  readonly clock: Clock;
  readonly log: Log;
}

export interface EndpointRequest {
  readonly plugin: string;
  readonly session: CallSession | null;
  /** Default: the claw's own. */
  readonly model?: string;
  /** Model calls in all. Default: `limits.maxLlmCalls`. */
  readonly maxCalls?: number;
  /** Default, and at most: `limits.turnMs`. */
  readonly forMs?: number;
}

export interface EndpointAccess {
  /** For `ANTHROPIC_BASE_URL`. */
  readonly baseUrl: string;
  /** For `ANTHROPIC_AUTH_TOKEN`; good for this endpoint only. */
  readonly token: string;
  readonly model: string;
  readonly expiresAt: number;
}

/** Open calls of one grant: a program and the agents within it. */
const openCalls = 8;
const agent = 'endpoint';

/**
 * The claw's model as programs speak to it that know the Messages API: on a port of its own that listens on loopback and
 * does nothing else, so that a token of it opens nothing of the control plane. It listens from the first grant on.
 */
export class ModelEndpoint {
  readonly #options: ModelEndpointOptions;
  readonly #grants: Grants;
  #listening: Promise<Server> | null = null;

  constructor(options: ModelEndpointOptions) {
    this.#options = options;
    this.#grants = new Grants(options.clock);
  }

  /** @throws ClayError `UNAVAILABLE` when the claw's provider does not speak the Messages API */
  async open(request: EndpointRequest): Promise<EndpointAccess> {
    const { config, clock } = this.#options;
    const { maxLlmCalls, turnMs } = config.limits;
    const provider = this.#provider();
    const { plugin, session, model = provider.model, maxCalls = maxLlmCalls, forMs = turnMs } = request;
    this.#listening ??= this.#listen();
    const { port } = (await this.#listening).address() as AddressInfo;
    const expiresAt = clock.now() + Math.min(forMs, turnMs);
    const token = this.#grants.issue({ plugin, session, model, maxCalls, expiresAt });
    return { baseUrl: `http://127.0.0.1:${port}`, token, model, expiresAt };
  }

  /** What is still being asked under it is aborted. Gives whether it was good. */
  end(token: string, plugin: string): boolean {
    return this.#grants.end(token, plugin);
  }

  async close(): Promise<void> {
    this.#grants.endAll();
    const server = await this.#listening;
    this.#listening = null;
    if (!server) return;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }

  async #listen(): Promise<Server> {
    const server = createServer((request, response) => {
      this.#answer(request, response).catch((thrown: unknown) => {
        // Only a bug comes here: what can go wrong is answered.
        this.#options.log.error('endpoint.failed', { error: String(thrown) });
        response.destroy();
      });
    });
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(0, '127.0.0.1', resolve);
      });
    } catch (error) {
      this.#listening = null;
      throw new ClayError('UNAVAILABLE', `The model endpoint cannot listen on 127.0.0.1: ${(error as Error).message}`, {
        cause: error,
      });
    }
    return server;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController();
    response.on('close', () => gone.abort(new Error('the client has gone')));
    // A client that goes away is told by `close`.
    response.on('error', () => {});
    let grant: OpenGrant | undefined;
    try {
      questionPath(request);
      grant = this.#grantOf(request);
      grant.open.add(gone);
      const question = await readQuestion(request, (text) => this.#options.redactor?.text(text) ?? text);
      const charge = await this.#admit(grant, question, gone.signal);
      await this.#relay(grant, question, charge, response, gone.signal).finally(() => charge?.end());
    } catch (thrown) {
      if (gone.signal.aborted) {
        response.destroy();
        return;
      }
      if (!(thrown instanceof Refusal)) throw thrown;
      this.#options.log.info('endpoint.refused', { plugin: grant?.plugin ?? '', type: thrown.type });
      sendRefusal(response, thrown);
    } finally {
      grant?.open.delete(gone);
    }
  }

  #grantOf({ headers }: IncomingMessage): OpenGrant {
    const token = headers.authorization?.replace(/^bearer\s+/i, '') ?? String(headers['x-api-key'] ?? '');
    const grant = this.#grants.find(token);
    if (grant === undefined) {
      throw new Refusal(
        'authentication_error',
        'This token is not good, or not any more: it lives as long as one run.',
      );
    }
    if (grant.open.size >= openCalls) {
      throw new Refusal('rate_limit_error', `${openCalls} requests are open already.`);
    }
    return grant;
  }

  /** Undefined for what costs nothing. */
  async #admit(grant: OpenGrant, question: Question, signal: AbortSignal): Promise<Charge | undefined> {
    const { plugin, session, maxCalls } = grant;
    const { path, model } = question;
    const { budgets } = this.#options;
    if (model !== grant.model) {
      throw new Refusal('not_found_error', `model: ${model} is not served here, but ${grant.model}.`);
    }
    if (path !== '/v1/messages') return undefined;
    if (grant.calls >= maxCalls) {
      throw new Refusal('billing_error', `This run has used up its ${maxCalls} model calls.`);
    }
    grant.calls++;
    try {
      const { inputTokens, maxOutputTokens } = question;
      const planned = { model, inputTokens: () => inputTokens, maxOutputTokens, toldIn: null };
      return await budgets.admit(budgets.origins.spender(session, plugin), planned, signal);
    } catch (thrown) {
      if (!(thrown instanceof ClayError)) throw thrown;
      throw new Refusal('billing_error', thrown.message, { cause: thrown });
    }
  }

  async #relay(
    { session }: OpenGrant,
    question: Question,
    charge: Charge | undefined,
    response: ServerResponse,
    signal: AbortSignal,
  ): Promise<void> {
    const { config, clock } = this.#options;
    const startedAt = clock.now();
    await relay(question, response, {
      provider: this.#provider(),
      idleMs: config.limits.modelIdleMs,
      clock,
      signal,
      onUsage: (tokens) => {
        const durationMs = clock.now() - startedAt;
        if (charge === undefined) return;
        const causer = { agent, ...charge.spender };
        const entry = usageEntry(
          session ?? noSession,
          config.prices,
          question.model,
          tokens.stated(),
          causer,
          durationMs,
        );
        charge.record(entry);
      },
    });
  }

  #provider() {
    const { model } = this.#options.config;
    if (model.provider === 'anthropic') return model;
    throw new ClayError(
      'UNAVAILABLE',
      `The claw's model comes from "${model.provider}", which does not speak the Anthropic Messages API. Programs that need it work with ANTHROPIC_API_KEY, and ANTHROPIC_API_BASE for another provider of that API.`,
    );
  }
}
