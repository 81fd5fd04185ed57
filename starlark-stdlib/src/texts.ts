import { sources } from './sources.ts';

/** The extension that a new claw begins with. */
export const helloSource: string = sources['hello.star']!;

/** The text of a module of the library by its file name, such as `http.star`. */
export function moduleSource(file: string): string | undefined {
  return Object.hasOwn(sources, file) ? sources[file] : undefined;
}
