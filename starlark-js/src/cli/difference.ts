import { repr, StarlarkDict, StarlarkList, StarlarkTuple, type Value } from '../index.ts';
import { equals } from '../value/compare.ts';

/** Where two lists, tuples, dicts or long strings first differ, as one sentence; null when that says nothing new. */
export function firstDifference(got: Value, want: Value): string | null {
  if (typeof got === 'string' && typeof want === 'string') return inStrings(got, want);
  if (got instanceof StarlarkList && want instanceof StarlarkList) return inSequences(got.items, want.items);
  if (got instanceof StarlarkTuple && want instanceof StarlarkTuple) return inSequences(got.items, want.items);
  if (got instanceof StarlarkDict && want instanceof StarlarkDict) return inDicts(got, want);
  return null;
}

function inStrings(got: string, want: string): string | null {
  let at = 0;
  while (at < got.length && at < want.length && got[at] === want[at]) at++;
  if (at < 10) return null;
  return `they differ at index ${at}: got ${repr(got.slice(at, at + 20))}, want ${repr(want.slice(at, at + 20))}`;
}

function inSequences(got: readonly Value[], want: readonly Value[]): string | null {
  for (let at = 0; at < got.length && at < want.length; at++) {
    const ours = got[at];
    const theirs = want[at];
    if (ours === undefined || theirs === undefined || equals(ours, theirs)) continue;
    return `they differ at index ${at}: got ${repr(ours)}, want ${repr(theirs)}`;
  }
  return `lengths: got ${got.length}, want ${want.length}`;
}

function inDicts(got: StarlarkDict, want: StarlarkDict): string | null {
  for (const key of got.keys()) {
    const theirs = want.get(key);
    if (theirs === undefined) return `only the first has the key ${repr(key)}`;
    const ours = got.get(key);
    if (ours !== undefined && !equals(ours, theirs))
      return `they differ at key ${repr(key)}: got ${repr(ours)}, want ${repr(theirs)}`;
  }
  for (const key of want.keys()) if (got.get(key) === undefined) return `only the second has the key ${repr(key)}`;
  return null;
}
