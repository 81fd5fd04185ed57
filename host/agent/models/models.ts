import type { Model } from './model.ts';

/** The models of this claw, by name; made when first used. */
export interface Models {
  readonly provider: string;
  /** The name that agents get that name none. */
  readonly defaultName: string;
  /** All that people may choose of, the default first. */
  readonly names: readonly string[];
  /** Default: the claw's own. */
  get(name?: string): Promise<Model>;
}
