import assert from 'node:assert/strict';
import test from 'node:test';
import { defaultDialect } from '../syntax/dialect.ts';
import { parse } from '../syntax/parse.ts';
import { Source } from '../syntax/source.ts';
import { parseDocstring } from './docstring.ts';
import { renderMarkdown } from './markdown.ts';
import { documentModule, type ModuleDoc } from './module-doc.ts';

const text = `# DESCRIPTION: Looks up the weather
#   of a town.
# AUTHOR: nobody
"""Weather for everybody.

    Indented more.
"""

def forecast(town: str, days=3, *, unit: str = "C", **extra: dict) -> list[str]:
    """Forecast the weather
    of a town.

    Uses the nearest station.

    Args:
      town (str): name of the town,
        with its country
      days: how many days: at most 14
      **extra: passed on

    Returns:
      one line per day

    Fails:
      when the town is unknown

    Example:
      forecast("Oslo")
        # two
    """
    return []

def _private(): pass

def plain(*args): return args
`;

function documented(program: string): ModuleDoc {
  const source = new Source('weather.star', program);
  const { file, diagnostics } = parse(source, defaultDialect);
  assert.deepEqual(diagnostics, []);
  return documentModule(source, file);
}

test('a module tells its description, its docstring and its public functions', () => {
  const module = documented(text);
  assert.equal(module.description, 'Looks up the weather of a town.');
  assert.equal(module.docstring, 'Weather for everybody.\n\nIndented more.');
  assert.deepEqual(
    module.functions.map(({ name, signature, line }) => [name, signature, line]),
    [
      ['forecast', 'forecast(town: str, days = 3, *, unit: str = "C", **extra: dict) -> list[str]', 9],
      ['plain', 'plain(*args)', 35],
    ],
  );
});

test('a function tells its parameters with kind, type, default and description', () => {
  const [forecast] = documented(text).functions;
  assert.deepEqual(forecast?.parameters, [
    { name: 'town', kind: 'positional', type: 'str', default: null, description: 'name of the town, with its country' },
    { name: 'days', kind: 'positional', type: null, default: '3', description: 'how many days: at most 14' },
    { name: 'unit', kind: 'keyword', type: 'str', default: '"C"', description: null },
    { name: 'extra', kind: 'kwargs', type: 'dict', default: null, description: 'passed on' },
  ]);
  assert.equal(forecast?.summary, 'Forecast the weather of a town.');
  assert.equal(forecast?.details, 'Uses the nearest station.');
  assert.deepEqual(forecast?.returns, { type: 'list[str]', description: 'one line per day' });
  assert.equal(forecast?.fails, 'when the town is unknown');
  assert.equal(forecast?.examples, 'forecast("Oslo")\n  # two');
});

test('documentation is rendered as Markdown', () => {
  const markdown = renderMarkdown(documented(text));
  assert.match(markdown, /^# weather\.star\n\nLooks up the weather of a town\.\n/);
  assert.match(markdown, /## forecast\n\n```python\nforecast\(town: str/);
  assert.match(markdown, /- `unit` \(`str`, default `"C"`, by name\)\n- `\*\*extra` \(`dict`\): passed on/);
  assert.match(markdown, /\*\*Returns\*\* `list\[str\]`: one line per day/);
});

test('a docstring without sections is a summary and details', () => {
  const doc = parseDocstring('  One\n  line.\n\n  More.\n\n  And more.\n  ');
  assert.equal(doc.summary, 'One line.');
  assert.equal(doc.details, 'More.\n\nAnd more.');
  assert.equal(doc.parameters.size, 0);
  assert.equal(parseDocstring('').summary, '');
});

test('text after a section belongs to the details again', () => {
  const doc = parseDocstring('Do.\n\nArgs:\n  a: one\nNote well.');
  assert.equal(doc.parameters.get('a'), 'one');
  assert.equal(doc.details, 'Note well.');
});
