import { renderError, StarlarkError } from 'starlark-js';

/** What the message of `fail(text)` has in front, as in the language's reference implementation. */
const failMark = /^fail: /;

const keepWithKv =
  'What a file makes at its top level is the same for all calls: keep what changes with kv (kv.set, kv.update), or change a copy, as of dict(x) or list(x).';

/** The message of an error without the words of the language around it. */
export function ownMessage({ code, message }: StarlarkError): string {
  return code === 'FAIL' ? message.replace(failMark, '') : message;
}

/** The text of an error with the open calls of the author's own files: the library is not the author's to repair. */
export function renderOwnError(error: StarlarkError): string {
  return renderError(inOwnWords(error));
}

/** The open calls and what helps to understand, for a reader who has the message already. */
export function renderOwnCalls(error: StarlarkError): string {
  const text = renderOwnError(error);
  const message = ownMessage(error);
  const end = text.lastIndexOf(message);
  const parts = [text.slice(0, text.lastIndexOf('Error', end)), text.slice(end + message.length)];
  return parts
    .map((part) => part.replaceAll(/^\n|\n$/g, ''))
    .filter((part) => part !== '')
    .join('\n');
}

/** Whether the author's own `fail` ended the program, and none of the library. */
export function isDeliberate({ code, backtrace }: StarlarkError): boolean {
  const innermost = backtrace.at(-1);
  return code === 'FAIL' && innermost !== undefined && !isOfLibrary(innermost.file);
}

function inOwnWords(error: StarlarkError): StarlarkError {
  const notes = error.code === 'FROZEN' ? [keepWithKv] : error.notes;
  const told = new StarlarkError(error.code, ownMessage(error), notes, { cause: error });
  const own = error.backtrace.filter(({ file }) => !isOfLibrary(file));
  told.backtrace = own.length > 0 ? own : error.backtrace;
  told.builtin = error.code === 'FAIL' ? null : error.builtin;
  told.hottest = error.hottest;
  return told;
}

function isOfLibrary(file: string): boolean {
  return file.startsWith('@std//');
}
