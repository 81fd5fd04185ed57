import { ClayError } from '@clay/sdk';
import type { z } from '../schema.ts';

/** The body as its schema makes it; every problem is named with its place and what came. */
export function parseBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => {
    const place = issue.path.map(String).join('.');
    return place === '' ? `body: ${issue.message}` : `${place}: ${issue.message}`;
  });
  throw new ClayError('BAD_ARGUMENTS', `The body does not fit. ${problems.join('; ')}. See /api/docs.`);
}
