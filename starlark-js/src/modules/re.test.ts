import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { getAttribute } from '../builtins/attribute.ts';
import { type RegexEngine, useServices } from '../builtins/services.ts';
import { Builtin } from '../value/builtin.ts';
import { StarlarkCallable } from '../value/callable.ts';
import { repr } from '../value/repr.ts';
import type { NamedArgument, Value } from '../value/value.ts';
import { Match } from './match.ts';
import { reModule } from './re.ts';

/** JavaScript's engine stands in for the host's: these tests use only what both have. */
const engine: RegexEngine = {
  compile(source) {
    const pattern = new RegExp(source.replace(/^\\A/, '^').replace(/\\z$/, '$').replaceAll('(?P<', '(?<'), 'dgu');
    const groups = new RegExp(`${pattern.source}|`, 'u').exec('')!;
    const names = new Map<number, string>();
    let number = 0;
    for (const [, name] of pattern.source.matchAll(/\((?!\?)|\(\?<(\w+)>/g)) {
      number++;
      if (name !== undefined) names.set(number, name);
    }
    return {
      groupCount: groups.length - 1,
      groupNames: names,
      match(text, start) {
        pattern.lastIndex = start;
        const match = pattern.exec(text);
        return match === null ? null : match.indices!.flatMap((pair) => pair ?? [-1, -1]);
      },
    };
  },
};

function call(name: string, positional: Value[], named: NamedArgument[] = []): Value {
  const member = reModule.getAttribute(name);
  assert.ok(member instanceof Builtin);
  const before = useServices({ print: () => {}, now: () => 0n, regex: engine });
  try {
    return member.call(positional, named);
  } finally {
    useServices(before);
  }
}

/** `v.name(…)`. */
function callMethod(v: Value, name: string, positional: Value[], named: NamedArgument[] = []): Value {
  const method = getAttribute(v, name);
  assert.ok(method instanceof StarlarkCallable);
  return method.call(positional, named);
}

describe('the module re', () => {
  test('tells clearly that the host gave no engine', () => {
    const search = reModule.getAttribute('search') as Builtin;
    assert.throws(() => search.call(['never used before', 'x'], []), {
      code: 'REGEX',
      message: 're: the host gave no regular expression engine',
    });
  });

  test('finds a match and its groups', () => {
    const match = call('search', ['(?P<key>\\w+)=(\\d+)?', 'a; port=80']);
    assert.ok(match instanceof Match);
    assert.equal(repr(callMethod(match, 'groups', [])), '("port", "80")');
    assert.equal(callMethod(match, 'group', ['key']), 'port');
    assert.equal(repr(callMethod(match, 'group', [1, 2])), '("port", "80")');
    assert.equal(repr(callMethod(match, 'span', [2])), '(8, 10)');
    assert.equal(repr(callMethod(match, 'groupdict', [])), '{"key": "port"}');
    assert.throws(() => callMethod(match, 'group', [3]), { message: 're: no such group: 3' });
    assert.equal(call('search', ['z', 'abc']), null);
  });

  test('anchors match at the start and fullmatch at both ends', () => {
    assert.equal(call('match', ['b', 'abc']), null);
    assert.ok(call('match', ['a|ab', 'abc']) instanceof Match);
    assert.equal(call('fullmatch', ['a|ab', 'abc']), null);
    assert.ok(call('fullmatch', ['a|abc', 'abc']) instanceof Match);
  });

  test('finds all, splits and substitutes', () => {
    assert.equal(repr(call('findall', ['\\d+', 'a1b22'])), '["1", "22"]');
    assert.equal(repr(call('findall', ['(\\w)(\\d)?', 'a1b'])), '[("a", "1"), ("b", "")]');
    assert.equal(repr(call('findall', ['x*', 'a\u{1f600}'])), '["", "", ""]');
    assert.equal(repr(call('split', ['[,;]\\s*', 'a, b;c'])), '["a", "b", "c"]');
    assert.equal(repr(call('split', ['(,)', 'a,b,c'], [['maxsplit', 1]])), '["a", ",", "b,c"]');
    assert.equal(call('sub', ['(\\w+)@(\\w+)', '\\2 at \\1', 'me@home']), 'home at me');
    assert.equal(call('sub', ['(?P<n>a)', '<\\g<n>>', 'aaa', 2]), '<a><a>a');
    assert.equal(call('escape', ['a.b*c']), 'a\\.b\\*c');
  });

  test('calls a function for each match', () => {
    class Double extends StarlarkCallable {
      get type() {
        return 'function';
      }
      get name() {
        return 'double';
      }
      call([match]: readonly Value[]): Value {
        return `${Number((match as Match).groupText(0)) * 2}`;
      }
    }
    assert.equal(call('sub', ['\\d+', new Double(), 'a1b22']), 'a2b44');
  });

  test("names a broken pattern and the engine's reason", () => {
    assert.throws(() => call('compile', ['(']), { code: 'REGEX', message: /^re: invalid pattern "\(": / });
    assert.throws(() => call('sub', ['a', '\\q', 'a']), { message: /unknown escape \\q/ });
    assert.throws(() => call('compile', ['a'.repeat(20_000)]), { message: /too long/ });
  });

  test('compiled patterns have the same methods', () => {
    const pattern = call('compile', ['\\d']);
    assert.equal(repr(callMethod(pattern, 'findall', ['a1b2'])), '["1", "2"]');
    assert.equal(repr(pattern), 're.compile("\\\\d")');
  });
});
