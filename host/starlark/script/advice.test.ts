import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspectScript } from './index.ts';
import { scriptOf } from './testing/script-host.ts';

/** Files that are taken, and what their authors are told nevertheless. */
const golden: readonly { readonly name: string; readonly source: string; readonly told: readonly string[] }[] = [
  {
    name: 'a run that is called with one dict though its author means a tool',
    source: 'def run(city):\n    return city\n',
    told: [
      '1 RUN_FORM: run(city) has no type and no docstring: it gets one dict, by extension_run, and no tool is made of it | for a tool write def run(city: str): and """What it does.""" below it; for one dict write def run(args):',
    ],
  },
  { name: 'the original’s run', source: 'def run(args):\n    return args\n', told: [] },
  {
    name: 'a main that nobody calls',
    source: 'def helper():\n    pass\n\ndef main(city):\n    return city\n\ndef test_it():\n    pass\n',
    told: [
      '4 NOTHING_TO_CALL: nothing in the file can be called: it has no run, and declares no tool, schedule, event or prompt | write tool(main) at the end of the file, or name the function run',
    ],
  },
  {
    name: 'a file that only allows',
    source: 'allow(http = ["example.org"])\n',
    told: [
      '1 NOTHING_TO_CALL: nothing in the file can be called: it has no run, and declares no tool, schedule, event or prompt | write def run(city: str): with a docstring, which becomes a tool',
    ],
  },
  { name: 'a file whose output is all', source: 'print("hello")\n', told: [] },
  { name: 'a file of handlers', source: 'def heard(message):\n    pass\n\non("message", heard)\n', told: [] },
  {
    name: 'a description of a parameter that is none',
    source:
      'def run(city: str, days: int = 1):\n    """Tells.\n\n    Args:\n      city: where\n      unit (str): C or F\n    """\n    return city\n',
    told: ['6 ARGS_ENTRY: Args: describes unit, which is no parameter of run | its parameters are city, days'],
  },
];

for (const { name, source, told } of golden) {
  test(`the author of ${name} is told ${told.length === 0 ? 'nothing' : 'so'}, and the file is taken`, async () => {
    const { isGood, diagnostics, text } = await inspectScript(scriptOf('sample', source));
    assert.ok(isGood, text);
    assert.deepEqual(
      diagnostics.map(({ line, code, message, hint }) => `${line} ${code}: ${message} | ${hint}`),
      told,
    );
  });
}

test('a docstring of the file describes it where no comment does', async () => {
  const source = '"""Tells the tides.\n\nMore of it.\n"""\ndef run(harbour: str):\n    return harbour\n';
  const { outline } = await inspectScript(scriptOf('sample', source));
  assert.equal(outline?.description, 'Tells the tides.');
  assert.deepEqual(outline.tools, [{ name: 'sample', description: 'Tells the tides.' }]);
  const both = await inspectScript(scriptOf('sample', `# DESCRIPTION: Tides.\n${source}`));
  assert.equal(both.outline?.description, 'Tides.');
});
