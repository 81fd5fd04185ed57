// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the placeholder is the attack
import type { HostileCase } from './case.ts';

export const breakouts: readonly HostileCase[] = [
  '"); throw 1; ("',
  "'); throw 1; ('",
  '`${globalThis.x = 1}`',
  '*/ throw 1; /*',
  '${process.exit(7)}',
  '\\u2028throw 1',
  '\\u2029throw 1',
  '</script>',
  '\\x00',
  '\\r\\n',
  '\\u0000\\u2028`',
  '//',
  '<!--',
  '-->',
  '#{1}',
  '\\"}]);process.exit(7);',
].flatMap((text): HostileCase[] => {
  const quoted = `"${text.replaceAll(/(?<!\\)"/g, '\\"')}"`;
  return [
    {
      name: `${text} as a string, key, docstring and default`,
      source: `def f(x = ${quoted}):\n  ${quoted}\n  return x\nd = {${quoted}: ${quoted}}\nprint(f() == ${quoted}, d[${quoted}] == ${quoted}, ${quoted} in [${quoted}])\nprint(getattr(1, ${quoted}, 2), hasattr("", ${quoted}))\n`,
      output: 'True True True\n2 False\n',
    },
    {
      name: `${text} in a comment`,
      source: `# ${text}\ndef f(): # ${text}\n  return 1 # ${text}\nprint(f()) # ${text}\n`,
      output: '1\n',
    },
    {
      name: `${text} as a raw character in a string and a comment`,
      source: `x = '''\u2028\u2029${text.replaceAll("'", '')}''' # \u2028 ${text}\nprint(len(x) > 1) # \u2029\n`,
      output: 'True\n',
    },
    { name: `${text} in fail`, source: `fail(${quoted})`, error: /^FAIL/ },
  ];
});

export const attributes: readonly HostileCase[] = [
  { name: 'the constructor of a function', source: 'x = (lambda: 1).constructor', error: /^ATTRIBUTE/ },
  { name: 'the prototype of a list', source: 'x = [].__proto__', error: /^ATTRIBUTE/ },
  { name: 'the prototype by getattr', source: 'x = getattr({}, "__proto__")', error: /^ATTRIBUTE/ },
  { name: 'the constructor of a method', source: 'x = "".join.constructor("return process")()', error: /^ATTRIBUTE/ },
  { name: 'the internals of a list', source: 'x = [].items', error: /^ATTRIBUTE/ },
  { name: 'the internals of a dict', source: 'x = {}.map', error: /^ATTRIBUTE/ },
  { name: 'assigning a prototype', source: 'x = {}\nx.__proto__ = {}', error: /^(ATTRIBUTE|TYPE)/ },
  { name: 'assigning to a struct', source: 's = struct(a = 1)\ns.__proto__ = 1', error: /^(ATTRIBUTE|TYPE|FROZEN)/ },
  { name: 'a name of the host', source: 'x = process', error: /undefined: process/ },
  { name: 'a name of the generated code', source: 'x = v0_x', error: /undefined: v0_x/ },
  {
    name: 'a regular expression that backtracks',
    source: 'x = re.match("(a+)+$", "a" * 50000 + "b") if hasattr(re, "match") else None',
    limits: { wallMs: 1500 },
    error: /^(REGEX|LIMIT|ATTRIBUTE)|undefined: re/,
  },
  { name: 'a module that is not there', source: 'load("/etc/passwd", "x")', error: /^LOAD/ },
];
