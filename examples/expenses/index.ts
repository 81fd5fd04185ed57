import { definePlugin } from '@clay/sdk';
import { z } from 'zod';
import { toCsv } from './csv.ts';
import { ExpenseBook, expenseMigrations } from './expense-book.ts';
import { isCurrency, toMinor } from './money.ts';

const maxExported = 50_000;

const currency = z
  .string()
  .toUpperCase()
  .refine(isCurrency, 'must be an ISO 4217 code such as EUR')
  .describe('ISO 4217 code, such as EUR.');
const category = z.string().trim().toLowerCase().min(1).max(40).describe('One word, such as food, rent or travel.');
const month = z
  .string()
  .regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'must be a month such as 2026-11')
  .describe('Such as 2026-11.');
const timeZone = z.string().refine(isTimeZone, {
  error: ({ input }) => `must be a time zone such as Europe/Berlin, not ${JSON.stringify(input)}`,
});
const filter = { month: month.optional(), category: category.optional(), currency: currency.optional() };

export default definePlugin({
  name: 'expenses',
  config: z.strictObject({
    currency: currency.default('EUR').describe('Of an expense that names none.'),
    timeZone: timeZone.default('UTC').describe('Where "today" is, such as Europe/Berlin.'),
  }),
  setup(ctx) {
    ctx.store.migrations(expenseMigrations);
    const book = new ExpenseBook(ctx.store);
    const today = () =>
      Temporal.Instant.fromEpochMilliseconds(ctx.clock.now()).toZonedDateTimeISO(ctx.config.timeZone).toPlainDate();

    ctx.tool({
      name: 'expense_add',
      description: 'Notes down an expense. Ask for the category only when it cannot be told from what was bought.',
      parameters: z.strictObject({
        amount: z.number().positive(),
        currency: currency.optional(),
        category,
        date: z.iso.date().optional().describe('Such as 2026-11-23. Default: today.'),
        note: z.string().trim().max(200).default(''),
      }),
      run: ({ amount, currency = ctx.config.currency, category, date = today().toString(), note }) =>
        book.add({ date, minor: toMinor(amount, currency), currency, category, note }),
    });

    ctx.tool({
      name: 'expense_list',
      description: 'Single expenses, the latest first.',
      readOnly: true,
      parameters: z.strictObject({ ...filter, limit: z.int().min(1).max(200).default(20) }),
      idempotent: true,
      run: async ({ limit, ...wanted }) => ({ expenses: await book.list(wanted, limit) }),
    });

    ctx.tool({
      name: 'expense_summary',
      description: 'Sums of expenses by month, category or currency. Currencies are never added to each other.',
      readOnly: true,
      parameters: z.strictObject({ by: z.enum(['month', 'category', 'currency']).default('category'), ...filter }),
      idempotent: true,
      run: async ({ by, ...wanted }) => ({ sums: await book.sum(by, wanted) }),
    });

    ctx.tool({
      name: 'expense_remove',
      description: 'Deletes an expense that was noted by mistake.',
      parameters: z.strictObject({ id: z.int() }),
      run: async ({ id }) => ({ removed: await book.remove(id) }),
    });

    ctx.route({
      method: 'GET',
      path: '/expenses.csv',
      access: 'control',
      handle: async ({ query }) => {
        const wanted = month.optional().safeParse(query.month);
        if (!wanted.success) return { status: 400, body: `"month" ${wanted.error.issues[0]?.message}.\n` };
        const rows = (await book.list({ month: wanted.data }, maxExported)).map((one) => ({
          ...one,
          id: String(one.id),
        }));
        return {
          headers: {
            'content-type': 'text/csv; charset=utf-8',
            'content-disposition': `attachment; filename="expenses${wanted.data ? `-${wanted.data}` : ''}.csv"`,
          },
          body: toCsv(['id', 'date', 'amount', 'currency', 'category', 'note'], rows),
        };
      },
    });

    ctx.prompt({
      name: 'expenses',
      placement: 'message',
      render: async () => {
        const current = today().toPlainYearMonth().toString();
        const sums = await book.sum('currency', { month: current });
        if (sums.length === 0) return null;
        return `Spent in ${current}: ${sums.map(({ total, currency }) => `${total} ${currency}`).join(', ')}.`;
      },
    });
  },
});

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
