import { ClayError, errorCodes } from '@clay/sdk';
import { shape } from '@clay/sdk/wire';
import type { ScriptReport } from '../script/report.ts';

const { amount, count, json, listOf, nullable, oneOf, optional, shapeOf, text } = shape;

const isTrue: shape.Check = (value) => (typeof value === 'boolean' ? null : 'true or false');

export const scriptShape: shape.Check = shapeOf({ name: shape.id, source: text, hash: text });

export const failureShape: shape.Check = shapeOf({
  error: text,
  code: oneOf(...Object.keys(errorCodes)),
  phase: optional(text),
  output: optional(text),
  data: optional(json),
});

const location = {
  file: text,
  start: count,
  end: count,
  line: count,
  column: count,
  endLine: count,
  endColumn: count,
};

const diagnostic = shapeOf({
  ...location,
  severity: oneOf('error', 'warning'),
  code: text,
  message: text,
  hint: optional(text),
  notes: optional(listOf(shapeOf({ message: text, location: optional(shapeOf(location)) }))),
});

const outline = shapeOf({
  description: text,
  hasRun: isTrue,
  tools: listOf(shapeOf({ name: text, description: text })),
  schedules: listOf(text),
  events: listOf(text),
  prompts: count,
  permissions: nullable(listOf(text)),
  calls: listOf(text),
});

const test = shapeOf({ name: text, isPassed: isTrue, ms: amount, message: text, output: text });

const report = shapeOf({
  name: shape.id,
  hash: text,
  isGood: isTrue,
  outline: nullable(outline),
  diagnostics: listOf(diagnostic),
  tests: listOf(test),
  text,
});

/** Reads the report that a lane gives of a script. Throws `WIRE`. */
export function parseReport(value: unknown): ScriptReport {
  const expected = report(value);
  if (expected !== null) throw new ClayError('WIRE', `The lane sent a report that is not ${expected}.`);
  return value as ScriptReport;
}
