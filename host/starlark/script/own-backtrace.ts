import { renderError, type StarlarkError } from 'starlark-js';

/** The text of an error with the open calls of the author's own files: the library is not the author's to repair. */
export function renderOwnError(error: StarlarkError): string {
  const own = error.backtrace.filter(({ file }) => !file.startsWith('@std//'));
  if (own.length > 0) error.backtrace = own;
  return renderError(error);
}
