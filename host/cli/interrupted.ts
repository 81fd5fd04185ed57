export interface Interrupted extends Disposable {
  readonly signal: AbortSignal;
}

/** A signal that Ctrl-C, or whoever ends the process kindly, aborts; for commands that stay until then. */
export function interrupted(): Interrupted {
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop);
  return {
    signal: controller.signal,
    // What still follows the signal ends with the command, also when that has failed.
    [Symbol.dispose]() {
      stop();
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, stop);
    },
  };
}
