import { randomUUID } from 'node:crypto';
import {
  type CapabilityKind,
  ClayError,
  type Clock,
  fromFailure,
  type Json,
  type JsonObject,
  type Log,
  type StreamEvent,
  toFailure,
} from '@clay/sdk';
import type { CallOut } from '@clay/sdk/wire';
import type { CallJournal } from '../journal/journal.ts';
import { redactArgs } from '../journal/redact.ts';
import type { Approvals } from '../policy/approval/approvals.ts';
import type { Redactor } from '../policy/redaction/redactor.ts';
import type { Capability, Registry } from '../registry/registry.ts';
import { ArgumentChecker } from './arguments.ts';
import { ItemQueue } from './item-queue.ts';
import type { CallRequest, Router } from './router.ts';
import { nearestNames } from './suggest.ts';
import type { Target, Targets } from './targets.ts';

export interface PluginRouterOptions {
  readonly registry: Registry;
  readonly targets: Targets;
  readonly journal: CallJournal;
  readonly clock: Clock;
  readonly log: Log;
  /** Takes out what must not stand in the journal. */
  readonly redactor: Pick<Redactor, 'text' | 'json'>;
  /** Makes calls wait for a person's yes. Default: none does. */
  readonly approvals?: Pick<Approvals, 'concerns' | 'admit'>;
  /** Hears of a call that is given up after its second death. Default: only the log does. */
  readonly onDeadLetter?: (letter: DeadLetter) => void;
}

/** A call that was accepted twice, and each time by a generation that then died. */
export interface DeadLetter {
  readonly id: string;
  readonly capability: string;
  readonly plugin: string;
  /** Of the last that died. */
  readonly generation: number;
}

/** Time for a call that names none. */
export const defaultTimeoutMs = 60_000;
/** How often a call that was not accepted is sent on to another generation. */
const maxResends = 3;
/** After so many deaths an idempotent call is taken for their cause. */
const deadlyAttempts = 2;
/** For a plugin that is starting again. */
const restartMs = 5_000;

/** Rendering a prompt and probing have no effects: nothing would be learned from their rows, and they run all the time. */
const unjournalled: ReadonlySet<CapabilityKind> = new Set(['prompt', 'probe']);

/** Of a web request; they let their reader in. */
const credentialHeaders = ['authorization', 'cookie', 'proxy-authorization', 'x-api-key'];

type OnItem = (event: StreamEvent, target: Target, id: string) => void;

/** The router over the plugins' generations: begin → journal → send → ack → run → reply → journal. */
export class PluginRouter implements Router {
  readonly #options: PluginRouterOptions;
  readonly #checker = new ArgumentChecker();
  /** Keyed calls under way: a repeat of one joins it. */
  readonly #joined = new Map<string, Promise<Json>>();
  #active = 0;

  constructor(options: PluginRouterOptions) {
    this.#options = options;
  }

  get active(): number {
    return this.#active;
  }

  call(request: CallRequest): Promise<Json> {
    return this.#call(request, undefined);
  }

  async *stream(request: CallRequest): AsyncGenerator<StreamEvent, Json, void> {
    const queue = new ItemQueue<StreamEvent>();
    const stop = new AbortController();
    const signal = request.signal === undefined ? stop.signal : AbortSignal.any([request.signal, stop.signal]);
    let grant: (() => void) | null = null;
    const value = this.#call({ ...request, signal }, (event, target, id) => {
      grant = () => target.credit(id, 1);
      queue.push(event);
    });
    // The outcome is thrown by the `await` below; until then it only ends the queue.
    value.then(
      () => queue.end(),
      () => queue.end(),
    );
    try {
      for await (const event of queue) {
        yield event;
        (grant as (() => void) | null)?.();
      }
      return await value;
    } finally {
      // A reader that leaves early cancels the call.
      stop.abort(new ClayError('CANCELLED', `The reader of ${request.capability} went away.`));
    }
  }

  async #call(request: CallRequest, onItem: OnItem | undefined): Promise<Json> {
    this.#active += 1;
    try {
      if (request.key === undefined) return await this.#begin(request, this.#resolve(request.capability), onItem);
      const joinKey = `${request.capability} ${request.key}`;
      const running = this.#joined.get(joinKey);
      if (running !== undefined) return await running;
      const call = this.#keyed({ ...request, key: request.key }, onItem);
      this.#joined.set(joinKey, call);
      try {
        return await call;
      } finally {
        this.#joined.delete(joinKey);
      }
    } finally {
      this.#active -= 1;
    }
  }

  #resolve(name: string): Capability {
    const capability = this.#options.registry.get(name);
    if (capability !== undefined) return capability;
    const kind = name.slice(0, Math.max(0, name.indexOf(':'))) as CapabilityKind;
    const near = nearestNames(
      name,
      this.#options.registry.list(kind).map((one) => one.fullName),
    );
    const hint = near.length === 0 ? '' : ` Did you mean ${near.join(' or ')}?`;
    throw new ClayError('CAPABILITY_UNKNOWN', `Nobody provides ${name}.${hint}`);
  }

  /**
   * A repeated key returns what the first try gave, also when nobody provides the capability any more; only an idempotent
   * one is tried again after a death.
   */
  async #keyed(request: CallRequest & { readonly key: string }, onItem: OnItem | undefined): Promise<Json> {
    const { journal, registry } = this.#options;
    const earlier = journal.byKey(request.capability, request.key);
    switch (earlier?.state) {
      case undefined:
        return this.#begin(request, this.#resolve(request.capability), onItem);
      case 'done':
        return earlier.value;
      case 'failed':
        throw fromFailure(earlier.failure ?? { error: `The call ${earlier.id} failed.`, code: 'INTERNAL' });
      case 'begun':
      case 'unknown': {
        const capability = registry.get(request.capability);
        if (capability?.details.idempotent !== true) throw unknownOutcome(request.capability, earlier.id);
        if (earlier.attempt >= deadlyAttempts) {
          const letter = this.#deadLetter(capability, earlier.id, null);
          this.#record(earlier.id, () => journal.failed(earlier.id, toFailure(letter)));
          throw letter;
        }
        journal.retry(earlier.id, capability.generation, earlier.attempt + 1);
        return this.#send(request, capability, earlier.id, earlier.attempt + 1, onItem);
      }
    }
  }

  #begin(request: CallRequest, capability: Capability, onItem: OnItem | undefined): Promise<Json> {
    const id = request.id ?? randomUUID();
    const { approvals } = this.#options;
    if (approvals?.concerns(capability, request.caller) === true)
      return this.#beginAllowed(approvals, request, capability, id, onItem);
    return this.#start(request, capability, id, onItem);
  }

  /** Nothing of a call is in the journal before it is allowed: what a death cuts off there was not begun. */
  async #beginAllowed(
    approvals: Pick<Approvals, 'admit'>,
    request: CallRequest,
    capability: Capability,
    id: string,
    onItem: OnItem | undefined,
  ): Promise<Json> {
    const { key = id, args: given, caller, session = null, parent, timeoutMs, signal } = request;
    // What does not fit is told where it is sent, and reaches nobody.
    const args = await this.#fitting(capability, given).catch(() => null);
    if (args === null) return this.#start(request, capability, id, onItem);
    const call = { id, key, capability, given, args: args.value, caller, session, parent, timeoutMs, signal };
    const release = await approvals.admit(call);
    try {
      const now = this.#resolve(capability.fullName);
      if (now.plugin !== capability.plugin)
        throw new ClayError(
          'CONFLICT',
          `${now.fullName} has come to be provided by "${now.plugin}" while this call waited for a yes: ask again.`,
        );
      return await this.#start(request, now, id, onItem);
    } finally {
      release();
    }
  }

  async #fitting({ parameters, fullName }: Capability, args: Json): Promise<{ readonly value: Json }> {
    return { value: parameters === null ? args : await this.#checker.check(parameters, args, fullName) };
  }

  #start(request: CallRequest, capability: Capability, id: string, onItem: OnItem | undefined): Promise<Json> {
    if (!unjournalled.has(capability.kind)) {
      this.#options.journal.begin({
        id,
        key: request.key ?? null,
        capability: capability.fullName,
        plugin: capability.plugin,
        generation: capability.generation,
        caller: request.caller,
        session: request.session ?? null,
        args: redactArgs(request.args, hiddenNames(capability), this.#options.redactor),
      });
    }
    return this.#send(request, capability, id, 1, onItem);
  }

  async #send(
    request: CallRequest,
    capability: Capability,
    id: string,
    attempt: number,
    onItem: OnItem | undefined,
  ): Promise<Json> {
    const isJournalled = !unjournalled.has(capability.kind);
    const { journal, redactor } = this.#options;
    try {
      const { value: args } = await this.#fitting(capability, request.args);
      const value = await this.#deliver({ ...request, args }, capability, id, attempt, onItem);
      if (isJournalled)
        this.#record(id, () => journal.done(id, request.key === undefined ? undefined : redactor.json(value)));
      return value;
    } catch (thrown) {
      if (isJournalled) this.#record(id, () => journal.failed(id, redactor.json(toFailure(thrown))));
      throw thrown;
    }
  }

  /** Sends to the generation that has the name now. What was never accepted goes on to the next one that has it. */
  async #deliver(
    request: CallRequest,
    first: Capability,
    id: string,
    firstAttempt: number,
    onItem: OnItem | undefined,
  ): Promise<Json> {
    const { clock, journal } = this.#options;
    const timeoutMs = request.timeoutMs ?? timeoutOf(first.details);
    const deadline = clock.now() + timeoutMs;
    let attempt = firstAttempt;
    let failed: { readonly target: Target; readonly thrown: unknown } | null = null;
    // Once it was accepted by a process that died, only an answer tells more than that.
    let lost: unknown = firstAttempt === 1 ? null : unknownOutcome(first.fullName, id);
    for (let resends = 0; ; resends++) {
      const { capability, target } = await this.#find(first.fullName, deadline, request.signal).catch((error) => {
        throw lost ?? failed?.thrown ?? error;
      });
      if (failed !== null) {
        // The same dead generation again would only fail again.
        if (failed.target === target) throw lost ?? failed.thrown;
        journal.retry(id, capability.generation, attempt);
      }
      let isAcked = false;
      try {
        return await target.call({
          id,
          key: request.key ?? id,
          attempt,
          ...asSent(capability, request.args),
          caller: request.caller,
          timeoutMs: Math.max(1, deadline - clock.now()),
          session: request.session ?? null,
          signal: request.signal,
          onProgress: request.onProgress,
          onAck: () => {
            isAcked = true;
          },
          onItem: onItem === undefined ? undefined : (event) => onItem(event, target, id),
        });
      } catch (thrown) {
        const code = thrown instanceof ClayError ? thrown.code : null;
        const isUnsent = code === 'UNAVAILABLE' && !isAcked;
        const isRepeatable = code === 'CALL_OUTCOME_UNKNOWN' && capability.details.idempotent === true;
        if (isRepeatable && attempt >= deadlyAttempts) throw this.#deadLetter(capability, id, thrown);
        if (!isUnsent && !isRepeatable) throw thrown;
        if (isRepeatable) {
          attempt += 1;
          lost = thrown;
        }
        if (resends >= maxResends) throw lost ?? thrown;
        failed = { target, thrown };
      }
    }
  }

  /** Who has the name; one that is starting again is waited for. */
  async #find(
    name: string,
    deadline: number,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly capability: Capability; readonly target: Target }> {
    const { clock, targets } = this.#options;
    const until = Math.min(deadline, clock.now() + restartMs);
    for (;;) {
      const capability = this.#resolve(name);
      const coming = targets.coming(capability.plugin);
      const leftMs = until - clock.now();
      if (coming === null || leftMs <= 0) return { capability, target: targets.find(capability.plugin) };
      await within(coming, leftMs, clock, signal);
    }
  }

  #deadLetter({ fullName, plugin, generation }: Capability, id: string, cause: unknown): ClayError {
    const { log, onDeadLetter } = this.#options;
    log.error('call.dead', { call: id, capability: fullName, plugin, generation });
    onDeadLetter?.({ id, capability: fullName, plugin, generation });
    return new ClayError(
      'CALL_OUTCOME_UNKNOWN',
      `${fullName} was accepted twice for the call ${id}, and each time its process died. It is not sent a third time; whether it took effect is unknown.`,
      { data: { deadLetter: true }, ...(cause === null ? {} : { cause }) },
    );
  }

  /** The work is done: a journal that cannot be written now is told, and the result is still given. */
  #record(id: string, write: () => void): void {
    try {
      write();
    } catch (error) {
      this.#options.log.error('journal.write.failed', {
        call: id,
        error: error instanceof Error ? error.message : String(error),
      });
    }
  }
}

/** Resolves when the work has ended or the time is over; rejects when the signal is aborted. */
async function within(work: Promise<void>, ms: number, clock: Clock, signal: AbortSignal | undefined): Promise<void> {
  const done = new AbortController();
  const either = signal === undefined ? done.signal : AbortSignal.any([signal, done.signal]);
  try {
    await Promise.race([work, clock.sleep(ms, either)]);
  } finally {
    done.abort();
  }
}

/** What a plugin offers, it takes by one of its services. */
function asSent({ fullName, name, via }: Capability, args: Json): Pick<CallOut, 'capability' | 'args'> {
  return via === undefined
    ? { capability: fullName, args }
    : { capability: via, args: { tool: name, arguments: args } };
}

function hiddenNames({ kind, details }: Capability): readonly string[] {
  if (kind === 'route') return credentialHeaders;
  return Array.isArray(details.redact) ? details.redact.map(String) : [];
}

function timeoutOf(details: JsonObject): number {
  return typeof details.timeoutMs === 'number' ? details.timeoutMs : defaultTimeoutMs;
}

function unknownOutcome(capability: string, id: string): ClayError {
  return new ClayError(
    'CALL_OUTCOME_UNKNOWN',
    `${capability} was called with this key before (call ${id}), and the process died before it answered. Whether it took effect is unknown: look before you repeat it under a new key.`,
  );
}
