/** One `.star` file as it was saved. */
export interface Script {
  /** Of its file, without `.star`: `[a-z][a-z0-9-]{0,47}`. */
  readonly name: string;
  readonly source: string;
  /** SHA-256 of the source. */
  readonly hash: string;
}
