/** What one look found. */
export interface Finding {
  readonly what: string;
  readonly state: 'ok' | 'warning' | 'failure';
  readonly found: string;
  /** What to do; always there unless all is well. */
  readonly remedy?: string;
}

export function ok(what: string, found: string): Finding {
  return { what, state: 'ok', found };
}

export function warning(what: string, found: string, remedy: string): Finding {
  return { what, state: 'warning', found, remedy };
}

export function failure(what: string, found: string, remedy: string): Finding {
  return { what, state: 'failure', found, remedy };
}
