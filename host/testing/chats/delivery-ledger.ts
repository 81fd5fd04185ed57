import { DatabaseSync } from 'node:sqlite';

export interface LedgerPart {
  readonly chat: string;
  readonly text: string;
  readonly state: string;
  readonly isDoubtful: boolean;
}

/** What the claw itself knows of its messages, read from the volume while it runs. */
export class DeliveryLedger implements Disposable {
  readonly #database: DatabaseSync;

  constructor(file: string) {
    this.#database = new DatabaseSync(file, { readOnly: true, timeout: 5_000 });
  }

  /** Texts of all accepted messages, in order. */
  accepted(): readonly string[] {
    return this.#database
      .prepare('SELECT text FROM inbox ORDER BY seq')
      .all()
      .map(({ text }) => String(text));
  }

  /** How many messages have not ended, in or out. */
  open(): number {
    const query =
      'SELECT (SELECT count(*) FROM inbox WHERE ended_at IS NULL) + (SELECT count(*) FROM outbox WHERE ended_at IS NULL) AS open';
    return Number(this.#database.prepare(query).get()?.open);
  }

  parts(): readonly LedgerPart[] {
    const query =
      'SELECT outbox.chat, outbox_parts.text, outbox_parts.state, is_doubtful FROM outbox_parts JOIN outbox ON outbox.seq = message';
    return this.#database
      .prepare(query)
      .all()
      .map(({ chat, text, state, is_doubtful }) => ({
        chat: String(chat),
        text: String(text),
        state: String(state),
        isDoubtful: is_doubtful === 1,
      }));
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }
}
