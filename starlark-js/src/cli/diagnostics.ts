import { type Diagnostic, type LineSource, renderDiagnostic } from '../diagnostic.ts';
import type { Terminal } from './terminal.ts';

/** Shows findings on standard error. */
export function report(terminal: Terminal, source: LineSource, diagnostics: readonly Diagnostic[]): void {
  for (const found of diagnostics) terminal.err(`${renderDiagnostic(found, source, { color: terminal.hasColor })}\n`);
}

/** A finding as fields, with the line that it is about. */
export function toFields(source: LineSource, found: Diagnostic): Diagnostic & { readonly sourceLine: string } {
  return { ...found, sourceLine: source.lineText(found.line) };
}
