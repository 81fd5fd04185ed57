/** What the host provides as `service:plugins.*`: this plugin only shows it to the agent. */

/** One of `service:plugins.list {}`. */
export interface ListedPlugin {
  readonly name: string;
  readonly description: string;
  /** `image`, `volume` or `extension`. */
  readonly origin: string;
  /** Of what serves, else of what was tried last. */
  readonly state: string;
  /** What serves; null: nothing. */
  readonly generation: number | null;
  /** Newest first: what it could be taken back to. */
  readonly generations: readonly {
    readonly generation: number;
    readonly state: string;
    readonly at: number;
    readonly reason: string;
  }[];
  /** Its sources on the volume have changed since they were deployed. */
  readonly isChanged: boolean;
  readonly lastError: string | null;
}

/** Of `service:plugins.check { name? }`. */
export interface CheckedPlugin {
  readonly plugin: string;
  readonly isGood: boolean;
  /** Every problem with file:line:column, or a word of praise. */
  readonly text: string;
}

/** Of `service:plugins.deploy { name?, reason }` and `service:plugins.rollback { name, to? }`. */
export interface AdmittedPlugin {
  readonly plugin: string;
  readonly generation: number;
  /** `unchanged`: the same build serves already. */
  readonly state: string;
  /** Why it does not serve; null when it does. */
  readonly problem: string | null;
}

/** Of `service:plugins.source { path? }`: a folder or a file of the SDK or of a plugin that ships. */
export type PluginSource =
  | { readonly path: string; readonly entries: readonly string[] }
  | { readonly path: string; readonly text: string };
