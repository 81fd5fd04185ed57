import type { Call, Stream } from './call.ts';
import type { ForeignOrigin } from './foreign-text.ts';
import type { Infer, Schema } from './schema/schema.ts';

/** The kinds of capability. A capability's full name is `kind:name`, such as `tool:memory` or `service:memory.search`. */
export const capabilityKinds = [
  'tool',
  'agent',
  'channel',
  'command',
  'event',
  'route',
  'prompt',
  'schedule',
  'service',
  'probe',
] as const;

/** One of {@link capabilityKinds}. */
export type CapabilityKind = (typeof capabilityKinds)[number];

/** Whether a call only looks: always, never, or when each named parameter has one of these values. */
export type ReadOnly = boolean | Readonly<Record<string, readonly string[]>>;

/**
 * A function that the model can call.
 *
 * @example
 * ```ts
 * import { definePlugin } from '@clay/sdk';
 * import { z } from 'zod';
 *
 * export default definePlugin({
 *   name: 'dice',
 *   setup(ctx) {
 *     ctx.tool({
 *       name: 'roll',
 *       description: 'Rolls a die with the given number of sides.',
 *       parameters: z.object({ sides: z.int().min(2).default(6) }),
 *       run: ({ sides }) => ({ rolled: 1 + Math.floor(Math.random() * sides) }),
 *     });
 *   },
 * });
 * ```
 */
export interface ToolDefinition<S extends Schema = Schema> {
  /** `[a-zA-Z_][a-zA-Z0-9_-]{0,63}`, unique among all tools. */
  readonly name: string;
  /** For the model: what it does, when to use it. */
  readonly description: string;
  /** Default: no parameters. Reaches the model without loss as JSON Schema. */
  readonly parameters?: S;
  /** May it run beside other tools of the same step? Default true. */
  readonly parallel?: boolean;
  /** May it be run again with the same key after a crash? Default false. */
  readonly idempotent?: boolean;
  /**
   * Does it only look, so that there is nothing to undo? Of a tool with actions: values of parameters with which it does,
   * such as `{ action: ['list', 'get'] }`. Default false.
   */
  readonly readOnly?: ReadOnly;
  /**
   * What it does to the world, where an operator may want a person's yes first ("approvals" in clay.json): runs programs,
   * writes files, changes what runs, or says something in public. Default: none of it.
   */
  readonly effect?: ToolEffect;
  /**
   * Where the text comes from that it brings of others, such as `file`: the model sees the texts of its results marked as
   * {@link foreignText} does. What marks its texts itself needs no such word, and what comes from the volume is marked anyway.
   * Default: it brings none.
   */
  readonly foreign?: ForeignOrigin;
  /** Names of parameters whose values are never journalled. */
  readonly redact?: readonly string[];
  /** Default 60,000. */
  readonly timeoutMs?: number;
  readonly run: (args: Infer<S>, call: Call) => unknown;
}

/** What a tool does that an operator can make wait for a yes. */
export type ToolEffect = 'shell' | 'write' | 'deploy' | 'post';

/**
 * An agent as data; the host builds the engine's tree from it.
 *
 * @example
 * ```ts
 * import { definePlugin } from '@clay/sdk';
 *
 * export default definePlugin({
 *   name: 'editor',
 *   setup(ctx) {
 *     ctx.agent({
 *       type: 'sequence',
 *       name: 'editor',
 *       description: 'Drafts a text and then tightens it.',
 *       agents: [
 *         { type: 'llm', name: 'draft', description: 'Drafts.', instruction: 'Write a draft.', outputKey: 'draft' },
 *         { type: 'llm', name: 'tighten', description: 'Tightens.', instruction: 'Shorten this: {draft}' },
 *       ],
 *     });
 *   },
 * });
 * ```
 */
export type AgentDefinition = LlmAgentDefinition | WorkflowAgentDefinition | ExternalAgentDefinition;

/** An agent that a model drives. */
export interface LlmAgentDefinition {
  readonly type: 'llm';
  /** A JavaScript identifier, unique among all agents. */
  readonly name: string;
  readonly description: string;
  readonly instruction: string;
  /** Names of tools it may use. Default: all. */
  readonly tools?: readonly string[];
  /**
   * Names of agents that it may give tasks to by `delegate` while it works on a task itself; those that nobody provides are
   * left out. Default: none.
   */
  readonly delegates?: readonly string[];
  /** Model name; default: the claw's own. */
  readonly model?: string;
  /** Session state key that receives its final text. */
  readonly outputKey?: string;
}

/**
 * Agents that run one after another, side by side, or again and again.
 *
 * A loop until `exit` (the default) has its agents talk in one conversation until one of them calls `exit_loop`. A loop
 * until `signal` is for long work: every agent begins each round with the task and the last reports alone, and the last
 * one, the reviewer, ends the round with `loop_signal(done | pause | continue, why)`; silence means `continue`. Such a
 * loop has caps, waits and tries again when the model is away, goes on after a restart where it was, and is started by
 * `delegate` only, so that the agent that started it tells the person how it ended. Its agents are `llm` or `external`,
 * the last one `llm`.
 *
 * @example
 * ```ts
 * import { definePlugin } from '@clay/sdk';
 *
 * export default definePlugin({
 *   name: 'essay',
 *   setup(ctx) {
 *     ctx.agent({
 *       type: 'loop',
 *       name: 'essay_loop',
 *       description: 'Writes an essay until its reviewer is content.',
 *       until: 'signal',
 *       maxIterations: 4,
 *       caps: { minutes: 15, costUsd: 1 },
 *       gate: ['data/ops/ESSAY.md'],
 *       agents: [
 *         { type: 'llm', name: 'essayist', description: 'Writes.', instruction: 'Write data/ops/ESSAY.md.' },
 *         { type: 'llm', name: 'critic', description: 'Judges.', instruction: 'Read it. Signal done when it is good.' },
 *       ],
 *     });
 *   },
 * });
 * ```
 */
export interface WorkflowAgentDefinition {
  readonly type: 'sequence' | 'parallel' | 'loop';
  readonly name: string;
  readonly description: string;
  readonly agents: readonly AgentDefinition[];
  /** Of a loop. Default 8. */
  readonly maxIterations?: number;
  /** Of a loop: what ends it before its limits. Default `exit`. */
  readonly until?: 'exit' | 'signal';
  /** Of a loop until `signal`: where it ends unfinished. */
  readonly caps?: LoopCaps;
  /**
   * Of a loop until `signal`: files below `data/ops/` that have to be there, not be empty and have changed since the loop
   * began. `done` is refused until they are.
   */
  readonly gate?: readonly string[];
}

/** What a loop may use before it ends unfinished; a restart of the claw does not begin it anew. */
export interface LoopCaps {
  /** Of work. Default 25; never more than nine tenths of `limits.turnMs`. */
  readonly minutes?: number;
  /** Read and written, cached ones too, by the whole turn since the loop began. Default 5,000,000. */
  readonly tokens?: number;
  /** US dollars, where the model has a price. Default 5. */
  readonly costUsd?: number;
  /** Tries of one agent in one round when the model or the agent's process is away. Default 3. */
  readonly tries?: number;
}

/**
 * An agent that the plugin runs itself, and whose events stream to the person.
 *
 * @example
 * ```ts
 * import { definePlugin } from '@clay/sdk';
 *
 * export default definePlugin({
 *   name: 'parrot',
 *   setup(ctx) {
 *     ctx.agent({
 *       type: 'external',
 *       name: 'parrot',
 *       description: 'Repeats what it is told, word by word.',
 *       async *run(task) {
 *         for (const word of task.split(' ')) yield { type: 'text', text: `${word} ` };
 *         return task;
 *       },
 *     });
 *   },
 * });
 * ```
 */
export interface ExternalAgentDefinition {
  readonly type: 'external';
  readonly name: string;
  readonly description: string;
  readonly run: (task: string, call: Call) => Stream<string>;
}

/**
 * A way to people: what the host hands over is one rendered part of an answer.
 *
 * @example
 * ```ts
 * import { definePlugin } from '@clay/sdk';
 *
 * export default definePlugin({
 *   name: 'console',
 *   setup(ctx) {
 *     ctx.channel({
 *       name: 'console',
 *       async deliver({ to, text, key }) {
 *         console.log(`${to}: ${text}`);
 *         return { id: key };
 *       },
 *     });
 *   },
 * });
 * ```
 */
export interface ChannelDefinition {
  readonly name: string;
  /** Sends one part; the receipt's id, where the far side gives one. */
  readonly deliver: (part: OutgoingPart, call: Call) => Promise<{ readonly id?: string }>;
}

/** One part of an answer, rendered and within the channel's size limit. A repeated `key` is the same part again. */
export interface OutgoingPart {
  readonly to: string;
  readonly text: string;
  /** What the channel's own renderer named it; `plain` where there is none. */
  readonly format: 'html' | 'markdown' | 'plain';
  readonly key: string;
}

/**
 * A `/name` that people type; answered without the model.
 *
 * @example
 * ```ts
 * import { definePlugin } from '@clay/sdk';
 *
 * export default definePlugin({
 *   name: 'ping',
 *   setup(ctx) {
 *     ctx.command({ name: 'ping', description: 'Says that the claw is there.', run: () => 'pong' });
 *   },
 * });
 * ```
 */
export interface CommandDefinition {
  /** `[a-z][a-z0-9-]*`, without the slash. */
  readonly name: string;
  readonly description: string;
  readonly run: (argument: string, call: Call) => string | Promise<string>;
}

/**
 * Events of the host that a plugin can hear, by `ctx.on`.
 *
 * @example
 * ```ts
 * import { definePlugin } from '@clay/sdk';
 *
 * export default definePlugin({
 *   name: 'listener',
 *   setup(ctx) {
 *     ctx.on('turn.ended', ({ user, failed }) => {
 *       if (failed) ctx.log.warn('turn.failed', { user });
 *     });
 *   },
 * });
 * ```
 */
export interface Events {
  'turn.started': { readonly user: string; readonly session: string; readonly turn: string; readonly text: string };
  'turn.ended': {
    readonly user: string;
    readonly session: string;
    readonly turn: string;
    readonly text: string;
    readonly failed: boolean;
  };
  message: { readonly channel: string; readonly user: string; readonly text: string };
  'generation.changed': { readonly plugin: string; readonly generation: number; readonly state: string };
  'session.compacted': { readonly user: string; readonly session: string; readonly summary: string };
}

/** The name of an event in {@link Events}. */
export type EventName = keyof Events;

/**
 * An HTTP route under `/plugins/<plugin>/`.
 *
 * @example
 * ```ts
 * import { definePlugin } from '@clay/sdk';
 *
 * export default definePlugin({
 *   name: 'hooks',
 *   setup(ctx) {
 *     ctx.route({
 *       method: 'POST',
 *       path: '/hook/:id',
 *       access: 'public',
 *       handle: ({ params, body }) => ({ status: 202, body: `${params.id}: ${body.length} characters` }),
 *     });
 *   },
 * });
 * ```
 */
export interface RouteDefinition {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below the plugin's prefix, such as `/hook/:id`. */
  readonly path: string;
  /** `public`: anyone; `chat`: as the chat routes; `control`: the token always. */
  readonly access: 'public' | 'chat' | 'control';
  readonly handle: (request: RouteRequest, call: Call) => RouteResponse | Promise<RouteResponse>;
}

/** A web request as a plugin sees it. Header names are in lower case; the body is text. */
export interface RouteRequest {
  readonly method: string;
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a plugin answers to a web request. */
export interface RouteResponse {
  /** Default 200. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * A section that the model reads. `system` sections make up the system instruction and should change rarely, for the
 * model's prompt cache; `message` sections ride behind the last user message of the turn, unstored.
 *
 * @example
 * ```ts
 * import { definePlugin } from '@clay/sdk';
 *
 * export default definePlugin({
 *   name: 'calendar',
 *   setup(ctx) {
 *     ctx.prompt({
 *       name: 'today',
 *       placement: 'message',
 *       render: () => `Today is ${new Date(ctx.clock.now()).toDateString()}.`,
 *     });
 *   },
 * });
 * ```
 */
export interface PromptDefinition {
  readonly name: string;
  readonly placement: 'system' | 'message';
  /** Low numbers first. Default 100. */
  readonly order?: number;
  /** `null` leaves the section out. Called once a turn. */
  readonly render: (turn: TurnView, call: Call) => string | null | Promise<string | null>;
}

/** What a prompt section may know of the turn that it is rendered for. */
export interface TurnView {
  readonly agent: string;
  readonly user: string;
  readonly session: string;
  /** The text of the last user message. */
  readonly text: string;
}

/**
 * Something done at times: exactly one of `cron` and `everyMs`. A run that is still going when its next time comes is not
 * doubled; times that pass while the claw is down are not made up for.
 *
 * @example
 * ```ts
 * import { definePlugin } from '@clay/sdk';
 *
 * export default definePlugin({
 *   name: 'morning',
 *   setup(ctx) {
 *     ctx.schedule({
 *       name: 'greet',
 *       cron: '0 7 * * mon-fri',
 *       run: () => ctx.log.info('good.morning'),
 *     });
 *   },
 * });
 * ```
 */
export interface ScheduleDefinition {
  readonly name: string;
  /** Five fields, in the claw's time zone. */
  readonly cron?: string;
  readonly everyMs?: number;
  readonly run: (call: Call) => unknown;
}

/**
 * Functions that other plugins may call as `service:<service>.<method>`.
 *
 * @example
 * ```ts
 * import { definePlugin } from '@clay/sdk';
 * import { z } from 'zod';
 *
 * export default definePlugin({
 *   name: 'units',
 *   setup(ctx) {
 *     ctx.service({
 *       name: 'units',
 *       methods: {
 *         celsius: {
 *           description: 'Turns degrees Fahrenheit into Celsius.',
 *           parameters: z.object({ fahrenheit: z.number() }),
 *           idempotent: true,
 *           run: ({ fahrenheit }) => ((fahrenheit - 32) * 5) / 9,
 *         },
 *       },
 *     });
 *   },
 * });
 * ```
 */
export interface ServiceDefinition<Methods = Record<string, Schema>> {
  readonly name: string;
  /** By name; the type of each method's arguments comes from its own parameters. */
  readonly methods: { readonly [Name in keyof Methods]: ServiceMethod<Methods[Name]> };
}

/** One function of a {@link ServiceDefinition}. */
export interface ServiceMethod<S = Schema> {
  readonly description: string;
  readonly parameters?: S & Schema;
  readonly idempotent?: boolean;
  /** Names of parameters whose values are never journalled. */
  readonly redact?: readonly string[];
  readonly run: (args: Infer<S>, call: Call) => unknown;
}

/**
 * A health check: resolves when the plugin works, throws with the reason when it does not. It runs before a new build
 * takes any call.
 *
 * @example
 * ```ts
 * import { definePlugin } from '@clay/sdk';
 *
 * export default definePlugin({
 *   name: 'checked',
 *   setup(ctx) {
 *     ctx.probe({
 *       name: 'storage',
 *       run: async () => {
 *         if ((await ctx.store.list()).length > 10_000) throw new Error('more than 10,000 keys');
 *       },
 *     });
 *   },
 * });
 * ```
 */
export interface ProbeDefinition {
  readonly name: string;
  /** Default 5,000. */
  readonly timeoutMs?: number;
  readonly run: (call: Call) => unknown;
}

/**
 * The exclusive right to an outside thing. It passes from an old build to a new one by revoke, then grant.
 *
 * @example
 * ```ts
 * import { definePlugin } from '@clay/sdk';
 *
 * export default definePlugin({
 *   name: 'poller',
 *   setup(ctx) {
 *     ctx.lease({
 *       name: 'telegram:12345',
 *       onGrant(signal) {
 *         signal.addEventListener('abort', () => ctx.log.info('polling.ends'));
 *         return () => ctx.log.info('polling.ended');
 *       },
 *     });
 *   },
 * });
 * ```
 */
export interface LeaseDefinition {
  /** What is held, such as `telegram:<bot id>`. */
  readonly name: string;
  /** Called when this generation holds it; what it returns is released, and awaited, before anybody else gets it. */
  readonly onGrant: (
    signal: AbortSignal,
  ) => (() => void | Promise<void>) | void | Promise<(() => void | Promise<void>) | void>;
}
