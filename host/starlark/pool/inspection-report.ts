import type { Diagnostic } from 'starlark-js';
import type { ScriptReport } from '../script/report.ts';
import type { Script } from '../script/script.ts';
import type { LaneLost } from './lane.ts';
import type { LaneLimits } from './lane-limits.ts';
import { isMemoryEnd } from './memory-end.ts';

/** What stands in the report of a script whose inspection its lane did not survive. */
export function lostReport({ name, hash }: Script, lost: LaneLost, limits: LaneLimits): ScriptReport {
  const file = `${name}.star`;
  const { code, message, hint } = describe(lost, limits);
  const diagnostic: Diagnostic = {
    severity: 'error',
    code,
    message,
    hint,
    file,
    start: 0,
    end: 0,
    line: 1,
    column: 1,
    endLine: 1,
    endColumn: 1,
  };
  const text = `${file}:1:1: error: ${message}\nhint: ${hint}`;
  return { name, hash, isGood: false, outline: null, diagnostics: [diagnostic], tests: [], text };
}

function describe({ end, afterMs }: LaneLost, limits: LaneLimits): { code: string; message: string; hint: string } {
  const what = 'Evaluating the script and running its tests';
  if (isMemoryEnd(end)) {
    const allowed = end.reason === 'memory' ? limits.residentBytes / 2 ** 20 : limits.heapMb;
    return {
      code: 'INSPECTION_MEMORY',
      message: `${what} used more than ${Math.round(allowed)} MB of memory and was ended.`,
      hint: 'Look for a list, string or dict that grows without end at top level or in a test, and bound it.',
    };
  }
  if (end.reason === 'unresponsive') {
    return {
      code: 'INSPECTION_TIMEOUT',
      message: `${what} did not end within ${afterMs} ms and was ended.`,
      hint: 'Look for a loop without end at top level or in a test; keep work out of the top level, in run or in tools.',
    };
  }
  const how = end.cause ?? (end.signal === null ? `it exited with code ${end.exitCode}` : `it ended by ${end.signal}`);
  return {
    code: 'INSPECTION_LOST',
    message: `${what} took down the process in which it ran: ${how}.`,
    hint: 'Nothing of the script serves. Take away what was added last, and save again.',
  };
}
