import type { Context } from './context.ts';
import type { Manifest } from './manifest.ts';
import type { Infer, Schema } from './schema/schema.ts';

/** What a plugin's entry module exports as default. Fields of {@link Manifest} may stand here when there is no `plugin.json`. */
export interface PluginDefinition<C extends Schema = Schema> extends Partial<Omit<Manifest, 'config' | 'name'>> {
  readonly name: string;
  /** Schema of the plugin's section in `clay.json`. */
  readonly config?: C;
  /** Declares capabilities; has no effects. */
  readonly setup: (ctx: Context<Infer<C>>) => void | Promise<void>;
}

/**
 * Defines a plugin.
 *
 * @example
 * ```ts
 * import { definePlugin } from '@clay/sdk';
 *
 * export default definePlugin({
 *   name: 'dice',
 *   setup(ctx) {
 *     ctx.tool({
 *       name: 'roll',
 *       description: 'Rolls a die with the given number of sides.',
 *       parameters: { type: 'object', properties: { sides: { type: 'integer', minimum: 2 } }, required: ['sides'] },
 *       run: ({ sides }) => ({ rolled: 1 + Math.floor(Math.random() * Number(sides)) }),
 *     });
 *   },
 * });
 * ```
 */
export function definePlugin<C extends Schema>(definition: PluginDefinition<C>): PluginDefinition<C> {
  return definition;
}
