import { createHash } from 'node:crypto';
import { type CallSession, ClayError, type Clock, type Json, type Log } from '@clay/sdk';
import { hideNamed } from '../../journal/redact.ts';
import type { Capability } from '../../registry/registry.ts';
import type { Question, QuestionStore } from '../../store/delivery/question-store.ts';
import type { Settings } from '../../store/store.ts';
import type { Redactor } from '../redaction/redactor.ts';
import { actionText } from './action-text.ts';
import { type Effect, effects, parseRule, type Rule, type RuleOptions } from './rule.ts';
import { StandingYeses } from './standing-yeses.ts';

/** A call that waits at the guard. */
export interface WaitingCall {
  readonly id: string;
  /** The same for every retry. */
  readonly key: string;
  readonly capability: Capability;
  /** As they came: what a repeat is known by. */
  readonly given: Json;
  /** As they will be sent. */
  readonly args: Json;
  readonly caller: string;
  readonly session: CallSession | null;
  /** The call within which this one is made. */
  readonly parent: string | undefined;
  /** How long its caller waits; undefined: as long as the capability may take. */
  readonly timeoutMs: number | undefined;
  readonly signal: AbortSignal | undefined;
}

/** What the guard is told of a plugin. */
export interface PluginRights {
  readonly isShipped: boolean;
  /** Effective. */
  readonly permissions: readonly string[];
  /** Where relative paths of its tools begin. */
  readonly folder: string;
}

/** How a person is asked; the shape of the delivery's questions. */
export interface AskPerson {
  ask(asking: {
    readonly asker: string;
    readonly key: string;
    readonly question: string;
    readonly choices: readonly { readonly id: string; readonly label: string }[];
    readonly timeoutMs: number;
    readonly session: CallSession | null;
    readonly signal: AbortSignal;
  }): Promise<{ readonly choice: string | null; readonly by?: string; readonly reason?: 'timeout' | 'unreachable' }>;
}

export interface ApprovalsOptions extends RuleOptions {
  /** `approvals` of `clay.json`. */
  readonly rules: readonly string[];
  readonly timeoutMs: number;
  readonly rightsOf: (plugin: string) => PluginRights;
  readonly people: () => AskPerson;
  readonly questions: Pick<QuestionStore, 'find' | 'open'>;
  readonly settings: Pick<Settings, 'get' | 'set'>;
  readonly redactor: Pick<Redactor, 'text' | 'json'>;
  readonly clock: Clock;
  readonly log: Log;
}

const asker = 'approval';
/** What a plugin that does not ship can do with a right, whatever it says of its tools. */
const effectOfRight: Readonly<Record<string, Effect>> = {
  shell: 'shell',
  spawn: 'shell',
  'fs.write': 'write',
  'chat.send': 'post',
};

/**
 * Stands before every call of a tool, an agent or a service of the host, whoever makes it: what the operator marks waits for a
 * person's yes. A question is kept under the call's key: a call that is repeated after a death finds its answer.
 */
export class Approvals {
  readonly standing: StandingYeses;
  readonly #options: ApprovalsOptions;
  readonly #rules: readonly Rule[];
  /** Rules that a person has said yes to, by the calls under way: what is done within these is part of what was asked. */
  readonly #granted = new Map<string, ReadonlySet<string>>();

  constructor(options: ApprovalsOptions) {
    this.#options = options;
    this.#rules = options.rules.map((text) => parseRule(text, options));
    this.standing = new StandingYeses(options.settings, options.clock);
  }

  /** Whether a call could have to wait at all. */
  concerns({ kind }: Pick<Capability, 'kind'>, caller: string): boolean {
    return this.#rules.length > 0 && caller !== 'host' && (kind === 'tool' || kind === 'agent' || kind === 'service');
  }

  /**
   * Resolves when the call may be made, with what takes its grant back at its end.
   *
   * @throws ClayError `REFUSED` for a no, `NEEDS_APPROVAL` when nobody answered in time
   */
  async admit(call: WaitingCall): Promise<() => void> {
    const granted = new Set(this.#granted.get(call.parent ?? ''));
    for (const rule of this.#rulesFor(call)) {
      if (granted.has(rule.text)) continue;
      const isStanding =
        call.session !== null && this.standing.covers(call.capability.fullName, rule.text, call.session);
      if (!isStanding) await this.#ask(call, rule);
      granted.add(rule.text);
    }
    if (granted.size > 0) this.#granted.set(call.id, granted);
    return () => void this.#granted.delete(call.id);
  }

  /** Whether a person was asked about a call, or is still: it can go on where it was. */
  wasAsked(capability: string, key: string, args: Json): boolean {
    return this.#rules.some(({ text }) => {
      const question = this.#options.questions.find(`${asker}:${questionKey(capability, key, args, text)}`);
      return question !== undefined && question.state !== 'withdrawn';
    });
  }

  /** Questions of the guard that nobody has answered yet. */
  open(): readonly Question[] {
    return this.#options.questions.open().filter(({ key }) => key.startsWith(`${asker}:`));
  }

  #rulesFor({ capability, args }: WaitingCall): readonly Rule[] {
    const { fullName, plugin, details } = capability;
    const { isShipped, permissions, folder } = this.#options.rightsOf(plugin);
    const declared = effects.filter((effect) => effect === details.effect);
    const possible = permissions.flatMap((permission) => effectOfRight[permission.split(':', 1)[0] ?? ''] ?? []);
    const action = { capability: fullName, effects: isShipped ? declared : [...declared, ...possible], args, folder };
    return this.#rules.filter((rule) => rule.matches(action));
  }

  async #ask(call: WaitingCall, { text: rule }: Rule): Promise<void> {
    const { timeoutMs: longestMs, redactor, log, people } = this.#options;
    const { capability, given, caller, session } = call;
    const name = capability.fullName.replace(/^\w+:/, '');
    const hidden = Array.isArray(capability.details.redact) ? capability.details.redact.map(String) : [];
    const args = redactor.json(hideNamed(call.args, new Set(hidden)));
    const timeoutMs = Math.max(1_000, Math.min(longestMs, call.timeoutMs ?? longestMs));
    const always = { id: 'always', label: `Always ${name} in this conversation`.slice(0, 60) };
    const asking = {
      asker,
      key: questionKey(capability.fullName, call.key, given, rule),
      question: actionText({ capability: capability.fullName, args, caller, rule }),
      choices: [{ id: 'yes', label: 'Yes, once' }, ...(session === null ? [] : [always]), { id: 'no', label: 'No' }],
      timeoutMs,
      session,
    };
    log.info('approval.asked', { call: call.id, capability: capability.fullName, rule, caller });
    const { choice, by = '', reason } = await untilAnswered(people(), asking, call.signal);
    log.info('approval.answered', {
      call: call.id,
      capability: capability.fullName,
      rule,
      choice,
      by,
      reason: reason ?? '',
    });
    if (choice === 'always' && session !== null && !this.standing.covers(capability.fullName, rule, session))
      this.standing.add(capability.fullName, rule, session, by);
    if (choice === 'yes' || choice === 'always') return;
    if (choice !== null)
      throw new ClayError(
        'REFUSED',
        `A person said no to ${name}, so it was not run. Do not try to reach the same by other means; ask what they want instead.`,
      );
    throw new ClayError(
      'NEEDS_APPROVAL',
      `${name} needs a person's yes ("${rule}"), and nobody gave it within ${Math.round(timeoutMs / 1000)} s${reason === 'unreachable' ? ': no chat could be reached' : ''}. It was not run; go on without it, or say what you would do.`,
    );
  }
}

/** A stop of the host takes the question from nobody: the next host goes on with it. */
async function untilAnswered(
  people: AskPerson,
  asking: Omit<Parameters<AskPerson['ask']>[0], 'signal'>,
  signal: AbortSignal | undefined,
): ReturnType<AskPerson['ask']> {
  signal?.throwIfAborted();
  const withdraw = new AbortController();
  const gone = Promise.withResolvers<never>();
  const onAbort = () => {
    const reason: unknown = signal?.reason;
    gone.reject(reason);
    if (!(reason instanceof Error && reason.name === 'HostStopping')) withdraw.abort(reason);
  };
  signal?.addEventListener('abort', onAbort, { once: true });
  const answer = people.ask({ ...asking, signal: withdraw.signal });
  try {
    return await Promise.race([answer, gone.promise]);
  } finally {
    signal?.removeEventListener('abort', onAbort);
    answer.catch(() => undefined);
  }
}

/** With what would be done: a yes to one thing is none to another under the same key. */
function questionKey(capability: string, key: string, args: Json, rule: string): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([args, rule]))
    .digest('base64url')
    .slice(0, 22);
  return `${capability}:${key}:${digest}`;
}
