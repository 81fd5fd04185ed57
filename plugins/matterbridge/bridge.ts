import { createHash, randomBytes } from 'node:crypto';
import { type Context, type Json, type Pairing, toFailure } from '@clay/sdk';
import type { MatterbridgeConfig } from './config.ts';
import { parseBridgeMessage } from './incoming/bridge-message.ts';
import { OwnMarks } from './incoming/own-marks.ts';
import { type Reading, type ReadingRules, readMessage } from './incoming/read-message.ts';
import { Sender } from './outgoing/sender.ts';
import { checkToken } from './setup/check-token.ts';
import { makePlan, type Plan } from './setup/plan.ts';
import { requireProgram } from './setup/require-program.ts';
import { writeToml } from './setup/write-toml.ts';
import { Strangers } from './strangers.ts';
import { backoffMs } from './stream/backoff.ts';
import { BridgeApi } from './stream/bridge-api.ts';
import { followStream } from './stream/bridge-stream.ts';

const apiTokenKey = 'api-token';
const markKey = 'mark';
/** What an operator gives to bridges of their own: `MATTERBRIDGE_IRC_NET_PASSWORD` and the like. */
const environmentPrefix = 'MATTERBRIDGE_';
/** How it finds its way out where there is no direct one. */
const wayOut = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'NO_PROXY', 'no_proxy', 'SSL_CERT_FILE'];

/** One life of the connector, from the grant of its lease to the revoke. */
export class Bridge {
  readonly #ctx: Context<MatterbridgeConfig>;
  readonly #pairing: Pairing;
  #sender: Sender | null = null;

  constructor(ctx: Context<MatterbridgeConfig>, pairing: Pairing) {
    this.#ctx = ctx;
    this.#pairing = pairing;
  }

  /** Null as long as there is nothing to send by. */
  get sender(): Sender | null {
    return this.#sender;
  }

  /** Resolves when the signal aborts and what was read is handed over. Never rejects: what goes wrong is logged. */
  async run(signal: AbortSignal): Promise<void> {
    const { log, config, paths } = this.#ctx;
    try {
      const plan = makePlan(config, paths.root, await this.#pairing.paired());
      if (plan.kind === 'nothing') {
        if (plan.reason !== '') log.warn('matterbridge.not_configured', { reason: plan.reason });
        return;
      }
      await this.#follow(plan, signal);
    } catch (error) {
      if (!signal.aborted) log.error('matterbridge.failed', { reason: toFailure(error).error });
    } finally {
      this.#sender = null;
    }
  }

  async #follow(plan: Exclude<Plan, { kind: 'nothing' }>, signal: AbortSignal): Promise<void> {
    const { clock, log, config } = this.#ctx;
    const token = plan.kind === 'run' ? await this.#secret(apiTokenKey) : plan.token;
    if (plan.kind === 'run' && !(await this.#startProcess(plan, token ?? '', signal))) return;
    const api = new BridgeApi(plan.url, token);
    const marks = new OwnMarks(`clay-${await this.#secret(markKey)}`, clock);
    const sender = new Sender(api, marks);
    this.#sender = sender;
    const strangers = new Strangers({ ctx: this.#ctx, pairing: this.#pairing, sender });
    await strangers.offerPairing();
    const { users, attachmentBytes } = config;
    const telegram = config.telegram?.allowedUsers ?? [];
    const onLine = async (line: string) => {
      const people = { telegram, users, paired: await this.#pairing.paired() };
      await this.#take(line, { people, marks, attachmentBytes }, strangers, signal);
    };
    await followStream({ api, clock, log, onLine }, signal);
  }

  /** Made once: another token would make another process of the same configuration. */
  async #secret(key: string): Promise<string> {
    const { store } = this.#ctx;
    const known = await store.get(key);
    if (typeof known === 'string') return known;
    const made = randomBytes(16).toString('hex');
    await store.set(key, made);
    return made;
  }

  /** Whether there is a process to talk to. */
  async #startProcess(plan: Plan & { kind: 'run' }, apiToken: string, signal: AbortSignal): Promise<boolean> {
    const { log, http, paths } = this.#ctx;
    requireProgram(process.env);
    const environment: Record<string, string> = { ...plan.environment, MATTERBRIDGE_API_CLAY_TOKEN: apiToken };
    for (const [name, value] of Object.entries(process.env))
      if ((name.startsWith(environmentPrefix) || wayOut.includes(name)) && value !== undefined)
        environment[name] = value;
    if (plan.telegramToken !== null) {
      const isBehindProxy = 'HTTPS_PROXY' in environment || 'https_proxy' in environment;
      const { verdict, reason } = await checkToken(isBehindProxy ? null : http, plan.telegramToken);
      if (verdict === 'refused') {
        const message = `${reason} The token in TELEGRAM_BOT is wrong or was revoked: get one from @BotFather, set it, and start the claw again. Until then nobody reaches it by Telegram.`;
        log.error('matterbridge.token_refused', { message });
        return false;
      }
      if (verdict === 'unknown') log.warn('matterbridge.token_unchecked', { reason });
      environment.MATTERBRIDGE_TELEGRAM_BOT_TOKEN = plan.telegramToken;
    }
    const file = writeToml(paths.data, plan.toml);
    // A process may outlive the host that has asked for it: another configuration is another process.
    environment.CLAY_CONFIGURATION = createHash('sha256').update(plan.toml).digest('hex');
    const command = ['matterbridge', '-conf', file];
    if (plan.mainChat !== null)
      await this.#ctx.call('service:chat.main', { channel: 'matterbridge', chat: plan.mainChat }, { signal });
    await this.#ctx.call('service:services.run', { name: 'matterbridge', command, environment }, { signal });
    return true;
  }

  async #take(line: string, rules: ReadingRules, strangers: Strangers, signal: AbortSignal): Promise<void> {
    const { log } = this.#ctx;
    const raw = parseBridgeMessage(line);
    if (raw === null) return log.warn('matterbridge.line_unread', { units: line.length });
    const reading = readMessage(raw, rules);
    switch (reading.kind) {
      case 'connected':
        return log.info('matterbridge.connected');
      case 'ignored':
        return log.debug('matterbridge.ignored', { reason: reading.reason, event: raw.event });
      case 'stranger':
        return strangers.meet(reading, signal);
      case 'message':
        return this.#handIn(reading.message, signal);
    }
  }

  /** The stream has let go of the message: it is kept here until the inbox has it, also when the claw is asked to end. */
  async #handIn(message: (Reading & { kind: 'message' })['message'], signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#ctx;
    for (let failures = 1; ; failures++) {
      try {
        await this.#ctx.call('service:chat.receive', message as unknown as Json, { key: message.key });
        return;
      } catch (error) {
        const { error: reason, code } = toFailure(error);
        const { key, chat } = message;
        if (signal.aborted || code === 'BAD_ARGUMENTS' || code === 'TOO_LARGE')
          return log.error('matterbridge.message_lost', { key, chat, reason });
        if (failures === 1) log.warn('matterbridge.message_waits', { key, chat, reason });
        await clock.sleep(backoffMs(failures), signal).catch(() => undefined);
      }
    }
  }
}
