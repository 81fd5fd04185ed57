import { ClayError } from '@clay/sdk';
import { canMove, type GenerationState } from '../generations/state.ts';
import type { GenerationHistory, History, PluginHistory } from './history.ts';
import type { Rules } from './rules.ts';
import type { Step } from './step.ts';

type Writable<T> = { -readonly [K in keyof T]: Writable<T[K]> };

export type PluginDraft = Writable<PluginHistory>;
export type GenerationDraft = Writable<GenerationHistory>;

/** The next history while a decision is being made, and the steps that lead there. */
export class Draft {
  readonly now: number;
  readonly rules: Rules;
  readonly history: Writable<History>;
  readonly steps: Step[] = [];

  constructor(history: History, now: number, rules: Rules) {
    this.history = structuredClone(history) as Writable<History>;
    this.now = now;
    this.rules = rules;
  }

  get plugins(): readonly PluginDraft[] {
    return Object.values(this.history.plugins);
  }

  plugin(name: string): PluginDraft {
    this.history.plugins[name] ??= { name, current: null, generations: [], quarantined: [] };
    return this.history.plugins[name];
  }

  find(plugin: PluginDraft, generation: number | null): GenerationDraft | undefined {
    return plugin.generations.find((one) => one.generation === generation);
  }

  /** The generation that is meant to serve. In safe mode what ships does, and the pointer waits. */
  wanted(plugin: PluginDraft): number | null {
    if (!this.history.isSafeMode) return plugin.current;
    return this.find(plugin, 0) === undefined ? null : 0;
  }

  move(plugin: PluginDraft, one: GenerationDraft, to: GenerationState, reason: string, point?: number | null): void {
    if (!canMove(one.state, to)) {
      throw new ClayError(
        'CONFLICT',
        `Generation ${one.generation} of "${plugin.name}" cannot go from ${one.state} to ${to}.`,
      );
    }
    one.state = to;
    if (point !== undefined) plugin.current = point;
    this.steps.push({
      do: 'move',
      plugin: plugin.name,
      generation: one.generation,
      to,
      reason,
      ...(point === undefined ? {} : { point }),
    });
  }

  /** A new process for it: a new life, which begins as `built`. */
  start(plugin: PluginDraft, one: GenerationDraft, afterMs = 0): void {
    one.state = 'built';
    this.steps.push({ do: 'start', plugin: plugin.name, generation: one.generation, afterMs });
  }

  stop(plugin: PluginDraft, one: GenerationDraft, how: 'drain' | 'kill'): void {
    this.steps.push({ do: 'stop', plugin: plugin.name, generation: one.generation, how });
  }

  /** A build that has proven itself as another generation is not held back for one that has not: something else was the cause. */
  quarantine(plugin: PluginDraft, one: GenerationDraft, reason: string): void {
    if (!one.isProven && plugin.generations.some((other) => other.isProven && other.hash === one.hash)) return;
    if (!plugin.quarantined.includes(one.hash)) plugin.quarantined.push(one.hash);
    this.steps.push({ do: 'quarantine', plugin: plugin.name, hash: one.hash, reason });
  }

  tell(plugin: PluginDraft, one: GenerationDraft, text: string): void {
    this.steps.push({ do: 'tell', plugin: plugin.name, generation: one.generation, text });
  }
}
