import type { HostileCase } from './case.ts';

const NAMES = [
  '__proto__',
  'constructor',
  'toString',
  'prototype',
  'hasOwnProperty',
  'valueOf',
  '__defineGetter__',
  'arguments',
  'eval',
  'this',
  'globalThis',
  'process',
  'require',
  'undefined',
  'NaN',
  'await_',
  'let',
  'const',
  'var',
  'function',
  'new',
  'delete',
  'typeof',
  'void',
  'switch',
  'enum',
  'null',
  'true',
  'super',
  'static',
  'of',
  'get',
  'set',
];

export const names: readonly HostileCase[] = NAMES.flatMap((name) => [
  {
    name: `${name} as a variable, parameter and function`,
    source: `def f(${name}, *, k = 1):\n  ${name} += 1\n  g = lambda ${name}: ${name}\n  return [${name} for ${name} in [${name}, g(7)]]\nprint(f(${name} = 1))\n${name} = 5\nprint(${name})\ndef h():\n  def ${name}(): return ${name}\n  return type(${name})\nprint(h())\n`,
    output: '[2, 7]\n5\nfunction\n',
  },
  {
    name: `${name} as a key, keyword and field`,
    source: `d = {"${name}": 1}\nd["${name}"] += 1\nprint(d, "${name}" in {}, {}.get("${name}"))\ndef f(**kwargs): return kwargs\nprint(f(${name} = 3))\nprint(dict(${name} = 4)["${name}"])\ns = struct(${name} = 5)\nprint(s.${name}, getattr(s, "${name}"), hasattr(struct(), "${name}"))\nprint("{${name}}".format(${name} = 6), "%(${name})s" % {"${name}": 7})\nprint(json.decode(json.encode({"${name}": 8}))["${name}"])\n`,
    output: `{"${name}": 2} False None\n{"${name}": 3}\n4\n5 5 False\n6 7\n8\n`,
  },
  ...(name === 'get'
    ? []
    : [
        {
          name: `${name} is no attribute of any value`,
          source: `for v in [None, True, 1, 1.5, 1 << 70, "s", b"b", [], (), {}, set(), range(3), len, lambda: 0, "a".elems(), json, struct()]:\n  if hasattr(v, "${name}"): fail(v)\n  if getattr(v, "${name}", "no") != "no": fail(v)\n  if "${name}" in dir(v): fail(v)\n`,
          output: '',
        },
      ]),
]);
