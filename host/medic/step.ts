import type { GenerationState } from '../generations/state.ts';

/** What the medic has to do, in this order. What moves and points is one transaction of the journal. */
export type Step =
  | {
      readonly do: 'move';
      readonly plugin: string;
      readonly generation: number;
      readonly to: GenerationState;
      readonly reason: string;
      /** The pointer moves with it. */
      readonly point?: number | null;
    }
  /** Start its process (anew) and stage it, after a wait that the doer may shorten at random. */
  | { readonly do: 'start'; readonly plugin: string; readonly generation: number; readonly afterMs: number }
  /** `drain`: let open calls end. `kill`: nothing of it is wanted any more. */
  | {
      readonly do: 'stop';
      readonly plugin: string;
      readonly generation: number;
      readonly how: 'drain' | 'kill';
    }
  | { readonly do: 'quarantine'; readonly plugin: string; readonly hash: string; readonly reason: string }
  | { readonly do: 'probe'; readonly plugin: string; readonly generation: number }
  /** Author, agent and operator have to know. */
  | { readonly do: 'tell'; readonly plugin: string; readonly generation: number; readonly text: string }
  | { readonly do: 'safe-mode'; readonly reason: string };
