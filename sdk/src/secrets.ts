/** Opaque handles: the value never reaches the plugin. See the example of {@link Http}. */
export interface Secrets {
  /** A placeholder to put into a header of {@link Http.fetch}; throws `REFUSED` when the manifest does not name the secret. */
  handle(name: string): string;
  /** Whether the operator has set it. */
  has(name: string): Promise<boolean>;
}
