import type { Call, CallOptions } from './call.ts';
import type {
  AgentDefinition,
  ChannelDefinition,
  CommandDefinition,
  EventName,
  Events,
  LeaseDefinition,
  ProbeDefinition,
  PromptDefinition,
  RouteDefinition,
  ScheduleDefinition,
  ServiceDefinition,
  ToolDefinition,
} from './capability.ts';
import type { Clock } from './clock.ts';
import type { Files } from './files.ts';
import type { Http } from './http.ts';
import type { Json } from './json.ts';
import type { Log } from './log.ts';
import type { Schema } from './schema/schema.ts';
import type { Secrets } from './secrets.ts';
import type { Store } from './store.ts';

/**
 * All that a plugin can see. During `setup` a plugin may only declare: the methods of the first group. Effects wait
 * for {@link Context.onLive}; every other method refuses to work before that, naming itself.
 *
 * @example
 * ```ts
 * import { definePlugin } from '@clay/sdk';
 *
 * export default definePlugin({
 *   name: 'heart',
 *   setup(ctx) {
 *     ctx.onLive(() => {
 *       ctx.effect('beat', () => {
 *         const timer = setInterval(() => ctx.log.debug('beat'), 60_000);
 *         return () => clearInterval(timer);
 *       });
 *     });
 *   },
 * });
 * ```
 */
export interface Context<Config = unknown> {
  readonly plugin: { readonly name: string; readonly version: string; readonly generation: number };
  /** Validated, with defaults filled in. */
  readonly config: Config;
  /** Paths of this claw that the plugin's permissions name. Absolute. */
  readonly paths: Paths;
  /** Aborted when this generation stops. */
  readonly signal: AbortSignal;
  readonly log: Log;
  readonly clock: Clock;

  tool<S extends Schema>(definition: ToolDefinition<S>): void;
  agent(definition: AgentDefinition): void;
  channel(definition: ChannelDefinition): void;
  command(definition: CommandDefinition): void;
  on<E extends EventName>(event: E, handler: (payload: Events[E], call: Call) => unknown): void;
  route(definition: RouteDefinition): void;
  prompt(definition: PromptDefinition): void;
  schedule(definition: ScheduleDefinition): void;
  service<Methods extends Record<string, unknown>>(definition: ServiceDefinition<Methods>): void;
  probe(definition: ProbeDefinition): void;
  lease(definition: LeaseDefinition): void;
  /** Runs once after the swap, before the first call. The place for effects. */
  onLive(handler: () => void | Promise<void>): void;
  /** Runs once when the generation is committed. The only place where data may be dropped or contracted. */
  onCommit(handler: () => void | Promise<void>): void;

  /** Uses a capability of another plugin by its full name; the plugin must have declared it in `requires` or `optional`. */
  call(capability: string, args: Json, options?: CallOptions): Promise<Json>;
  /** Acquires something and registers its release; releases run in reverse order when the generation stops. */
  effect(label: string, acquire: () => () => void | Promise<void>): void;
  readonly http: Http;
  readonly files: Files;
  readonly store: Store;
  readonly secrets: Secrets;
}

/** Folders of this claw. */
export interface Paths {
  /** `CLAY_ROOT`. */
  readonly root: string;
  readonly data: string;
  readonly soul: string;
  readonly public: string;
  readonly extensions: string;
}
