import { ClayError, type Migration, type SqlRow, type SqlValue, type Store } from '@clay/sdk';
import { formatMinor } from './money.ts';

export const expenseMigrations: readonly Migration[] = [
  {
    id: '001_expenses',
    sql: `
      CREATE TABLE expenses (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        date TEXT NOT NULL,
        minor INTEGER NOT NULL,
        currency TEXT NOT NULL,
        category TEXT NOT NULL,
        note TEXT NOT NULL
      ) STRICT;
      CREATE INDEX expenses_by_date ON expenses (date);
    `,
  },
];

export interface NewExpense {
  /** `2026-11-23`. */
  readonly date: string;
  /** In the smallest unit of the currency. */
  readonly minor: number;
  readonly currency: string;
  readonly category: string;
  readonly note: string;
}

export interface Expense extends Omit<NewExpense, 'minor'> {
  readonly id: number;
  readonly amount: string;
}

export interface Filter {
  /** `2026-11`. */
  readonly month?: string | undefined;
  readonly category?: string | undefined;
  readonly currency?: string | undefined;
}

/** What sums can be grouped by, and the column that holds it. */
const groups = { month: 'substr(date, 1, 7)', category: 'category', currency: 'currency' } as const;
export type Grouping = keyof typeof groups;

export interface Sum {
  /** A month, a category or a currency. */
  readonly of: string;
  readonly total: string;
  readonly currency: string;
  readonly count: number;
}

/** The expenses in the plugin's table. */
export class ExpenseBook {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async add({ date, minor, currency, category, note }: NewExpense): Promise<Expense> {
    const { rows } = await this.#store.sql(
      'INSERT INTO expenses (date, minor, currency, category, note) VALUES (?, ?, ?, ?, ?) RETURNING *',
      [date, minor, currency, category, note],
    );
    return toExpense(rows[0]!);
  }

  /** The latest first. */
  async list(filter: Filter, limit: number): Promise<readonly Expense[]> {
    const { condition, parameters } = where(filter);
    const { rows } = await this.#store.sql(
      `SELECT * FROM expenses WHERE ${condition} ORDER BY date DESC, id DESC LIMIT ?`,
      [...parameters, limit],
    );
    return rows.map(toExpense);
  }

  async remove(id: number): Promise<Expense> {
    const { rows } = await this.#store.sql('DELETE FROM expenses WHERE id = ? RETURNING *', [id]);
    if (rows[0] === undefined)
      throw new ClayError('NOT_FOUND', `There is no expense ${id}. expense_list tells the numbers.`);
    return toExpense(rows[0]);
  }

  /** Sums never mix currencies: each group has one sum for each. */
  async sum(by: Grouping, filter: Filter): Promise<readonly Sum[]> {
    const { condition, parameters } = where(filter);
    const { rows } = await this.#store.sql(
      `SELECT ${groups[by]} AS name, currency, sum(minor) AS minor, count(*) AS count
       FROM expenses WHERE ${condition} GROUP BY name, currency ORDER BY currency, minor DESC, name`,
      parameters,
    );
    return rows.map(({ name, currency, minor, count }) => ({
      of: String(name),
      total: formatMinor(Number(minor), String(currency)),
      currency: String(currency),
      count: Number(count),
    }));
  }
}

function where({ month, category, currency }: Filter): { condition: string; parameters: readonly SqlValue[] } {
  const wanted: readonly (readonly [string, string | undefined])[] = [
    [`${groups.month} = ?`, month],
    ['category = ?', category],
    ['currency = ?', currency],
  ];
  const given = wanted.filter(([, value]) => value !== undefined);
  return {
    condition: given.map(([condition]) => condition).join(' AND ') || 'TRUE',
    parameters: given.map(([, value]) => value!),
  };
}

function toExpense({ id, date, minor, currency, category, note }: SqlRow): Expense {
  return {
    id: Number(id),
    date: String(date),
    amount: formatMinor(Number(minor), String(currency)),
    currency: String(currency),
    category: String(category),
    note: String(note),
  };
}
