import { expectInt, expectString } from '../builtins/arguments.ts';
import { type MethodTable, methodTable, routine } from '../builtins/method-table.ts';
import { StarlarkError } from '../errors.ts';
import { StarlarkCallable } from '../value/callable.ts';
import { StarlarkList } from '../value/list.ts';
import { reserveString } from '../value/reserve.ts';
import { StarlarkTuple } from '../value/tuple.ts';
import { typeName } from '../value/type-name.ts';
import type { Value } from '../value/value.ts';
import { type Anchor, Match, type Span } from './match.ts';
import type { Pattern } from './pattern.ts';

function first(pattern: Pattern, name: string, text: Value, anchor: Anchor): Match | null {
  const subject = expectString(`re.${name}`, '"text"', text);
  const span = pattern.find(subject, 0, anchor);
  return span === null ? null : new Match(subject, span, pattern.groupNames);
}

function search(pattern: Pattern, text: Value): Match | null {
  return first(pattern, 'search', text, 'none');
}

function match(pattern: Pattern, text: Value): Match | null {
  return first(pattern, 'match', text, 'start');
}

function fullmatch(pattern: Pattern, text: Value): Match | null {
  return first(pattern, 'fullmatch', text, 'both');
}

function finditer(pattern: Pattern, text: Value): StarlarkList {
  const subject = expectString('re.finditer', '"text"', text);
  const matches = new StarlarkList([]);
  for (const span of pattern.findAll(subject)) matches.append(new Match(subject, span, pattern.groupNames));
  return matches;
}

function findall(pattern: Pattern, text: Value): StarlarkList {
  const subject = expectString('re.findall', '"text"', text);
  const found = new StarlarkList([]);
  for (const span of pattern.findAll(subject)) {
    const groups = groupTexts(subject, span);
    if (groups.length === 0) found.append(subject.slice(span[0], span[1]));
    else found.append(groups.length === 1 ? groups[0]! : new StarlarkTuple(groups));
  }
  return found;
}

/** The texts of the groups; a group that took no part is empty. */
function groupTexts(subject: string, span: Span): string[] {
  const texts: string[] = [];
  for (let i = 2; i < span.length; i += 2) texts.push(span[i]! < 0 ? '' : subject.slice(span[i], span[i + 1]));
  return texts;
}

function split(pattern: Pattern, text: Value, maxsplit: Value = 0): StarlarkList {
  const subject = expectString('re.split', '"text"', text);
  const most = expectInt('re.split', '"maxsplit"', maxsplit);
  const parts = new StarlarkList([]);
  let from = 0;
  let count = 0;
  for (const span of pattern.findAll(subject)) {
    if (most > 0 && count === most) break;
    const [start, end] = span as [number, number, ...number[]];
    if (start === end) continue; // An empty match separates nothing.
    parts.append(subject.slice(from, start));
    for (const group of groupTexts(subject, span)) parts.append(group);
    from = end;
    count++;
  }
  parts.append(subject.slice(from));
  return parts;
}

function sub(pattern: Pattern, replacement: Value, text: Value, count: Value = 0): string {
  const subject = expectString('re.sub', '"text"', text);
  const most = expectInt('re.sub', '"count"', count);
  const replace = replacer(pattern, replacement);
  let out = '';
  let from = 0;
  let done = 0;
  for (const span of pattern.findAll(subject)) {
    if (most > 0 && done === most) break;
    const [start, end] = span as [number, number, ...number[]];
    const fresh = replace(new Match(subject, span, pattern.groupNames));
    reserveString(out.length + start - from + fresh.length, start - from + fresh.length);
    out += subject.slice(from, start) + fresh;
    from = end;
    done++;
  }
  return out + subject.slice(from);
}

const REFERENCE = /\\(?:(\d{1,2})|g<(\w+)>|(.))/gs;

/** A template with `\1`, `\g<name>` and `\\`, or a function of the match. */
function replacer(pattern: Pattern, replacement: Value): (match: Match) => string {
  if (replacement instanceof StarlarkCallable)
    return (found) => {
      const fresh = replacement.call1(found);
      if (typeof fresh !== 'string')
        throw new StarlarkError('TYPE', `re.sub: the function gave ${typeName(fresh)}, want string`);
      return fresh;
    };
  const template = expectString('re.sub', '"replacement"', replacement);
  if (!template.includes('\\')) return () => template;
  for (const [all, , , other] of template.matchAll(REFERENCE))
    if (other !== undefined && other !== '\\' && other !== 'n' && other !== 't')
      throw new StarlarkError('REGEX', `re.sub: unknown escape ${all} in the replacement`, [
        `Use \\1 or \\g<name> for a group of ${pattern.source}, and \\\\ for a backslash.`,
      ]);
  return (found) =>
    template.replace(REFERENCE, (_, digits?: string, name?: string, other?: string) => {
      if (digits !== undefined) return found.groupText(found.groupNumber(Number(digits))) ?? '';
      if (name !== undefined) return found.groupText(found.groupNumber(/^\d+$/.test(name) ? Number(name) : name)) ?? '';
      return other === 'n' ? '\n' : other === 't' ? '\t' : '\\';
    });
}

export const patternMethods: MethodTable = methodTable([
  routine('search(text: str) -> re.match | None', 1, 1, search, 'The first match anywhere.'),
  routine('match(text: str) -> re.match | None', 1, 1, match, 'The match that begins at the start.'),
  routine('fullmatch(text: str) -> re.match | None', 1, 1, fullmatch, 'The match of the whole text.'),
  routine('findall(text: str) -> list', 1, 1, findall, 'The texts of all matches, or of their groups.'),
  routine('finditer(text: str) -> list[re.match]', 1, 1, finditer, 'All matches.'),
  routine('split(text: str, maxsplit: int = 0) -> list[str]', 1, 2, split, 'The parts between matches.'),
  routine(
    'sub(replacement: str | Callable, text: str, count: int = 0) -> str',
    2,
    3,
    sub,
    'The text with matches replaced by a template or by what a function gives.',
  ),
]);
