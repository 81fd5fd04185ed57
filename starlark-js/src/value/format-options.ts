/**
 * Whether `%`, `format` and f-strings take width, precision and alignment. It is a property of the running program's
 * dialect: whoever switches between programs sets it.
 */
let extensions = true;

export function formatExtensions(): boolean {
  return extensions;
}

/** Sets the dialect of the program that runs from now on and gives the one to go back to. */
export function useFormatExtensions(enabled: boolean): boolean {
  const previous = extensions;
  extensions = enabled;
  return previous;
}
