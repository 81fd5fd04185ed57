/** The first error of a class in a chain of causes: an error that came through a waiting host function is wrapped on its way. */
export function findCause<T extends Error>(thrown: unknown, type: abstract new (...given: never[]) => T): T | null {
  for (let error: unknown = thrown; error instanceof Error; error = error.cause)
    if (error instanceof type) return error;
  return null;
}
