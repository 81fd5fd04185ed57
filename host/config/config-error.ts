export interface ConfigProblem {
  /** The variable or key that is wrong. */
  readonly name: string;
  readonly message: string;
}

/** All that is wrong with the configuration, at once. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super(`The configuration is not usable:\n${problems.map((p) => `  ${p.name}: ${p.message}`).join('\n')}`);
    this.problems = problems;
  }
}
