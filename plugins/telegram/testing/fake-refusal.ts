/** An answer of the Bot API that says no. */
export class FakeRefusal extends Error {
  readonly status: number;
  readonly retryAfterS: number | null;

  constructor(status: number, description: string, retryAfterS: number | null = null) {
    super(description);
    this.status = status;
    this.retryAfterS = retryAfterS;
  }
}
