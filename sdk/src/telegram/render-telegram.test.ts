import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createRandom, type Random } from '../testing/random.ts';
import { readDocument } from './document.ts';
import { parseTelegramHtml } from './parse-telegram-html.ts';
import { renderTelegram, type TelegramPart, telegramLimit, telegramText } from './render-telegram.ts';
import { textOf } from './run.ts';

const html = (markdown: string) => {
  const parts = renderTelegram(markdown);
  assert.equal(parts.length, 1);
  assert.equal(parts[0]!.format, 'html');
  parseTelegramHtml(parts[0]!.text);
  return parts[0]!.text;
};

describe('Markdown as Telegram HTML', () => {
  const rows: readonly (readonly [string, string, string])[] = [
    ['emphasis', '**b** *i* ~~s~~ ***both***', '<b>b</b> <i>i</i> <s>s</s> <i><b>both</b></i>'],
    ['only < > & are escaped', 'a < b > c & "d" \\* 1_000_000', 'a &lt; b &gt; c &amp; "d" * 1_000_000'],
    ['entities are read', '&amp; &lt; &#39; &#x1F600; &unknown;', "&amp; &lt; ' 😀 &amp;unknown;"],
    ['a heading is bold', '## A **b** `c`', '<b>A b </b><code>c</code>'],
    ['code within bold stands alone', '**a `b` c**', '<b>a </b><code>b</code><b> c</b>'],
    [
      'code keeps its language',
      '```ts\nif (a < b) {}\n```',
      '<pre><code class="language-ts">if (a &lt; b) {}</code></pre>',
    ],
    ['code without a language', '```\n**x**\n```', '<pre>**x**</pre>'],
    ['a language that would break the tag is cut', '```a"b\nx\n```', '<pre><code class="language-a">x</code></pre>'],
    ['links', '[a](https://x.y/?a=1&b=2)', '<a href="https://x.y/?a=1&amp;b=2">a</a>'],
    ['an address in quotes cannot leave its attribute', '[a](<https://x.y/"><b>>)', '[a](https://x.y/"&lt;b&gt;&gt;)'],
    ['a quote in an address', '[a](https://x.y/"z)', '<a href="https://x.y/%22z">a</a>'],
    ['what Telegram cannot link keeps its address', '[a](./b) [c](javascript:d)', 'a (./b) c (javascript:d)'],
    ['a bare address', 'see https://x.y.', 'see https://x.y.'],
    ['an image becomes a link', '![cat](https://x.y/z.png)', '<a href="https://x.y/z.png">🖼 cat</a>'],
    ['nested lists', '- a\n  1. b\n  2. c\n- d', '• a\n  1. b\n  2. c\n• d'],
    ['numbers go on from where they start', '7. a\n8. b', '7. a\n8. b'],
    ['tasks', '- [x] a\n- [ ] b', '• ☑ a\n• ☐ b'],
    ['code within a list', '1. a\n   ```\n   b\n   ```', '1. a\n<pre>b</pre>'],
    ['a quote within a quote joins it', '> a\n> > b', '<blockquote>a\n\nb</blockquote>'],
    ['HTML that is no formatting stays visible', 'a <b>c</b><br>d', 'a &lt;b&gt;c&lt;/b&gt;\nd'],
    ['a rule', 'a\n\n---\n\nb', 'a\n\n──────────\n\nb'],
    ['right to left', '**שלום** `עולם`', '<b>שלום</b> <code>עולם</code>'],
    ['half a surrogate pair and controls', 'a\ud83d b\u0000\u0007', 'a\ufffd b'],
  ];
  for (const [name, markdown, expected] of rows) test(name, () => assert.equal(html(markdown), expected));

  test('a table is aligned by what a fixed-width font shows', () => {
    const table = '| name | size |\n|:--|--:|\n| 漢字 | 12 |\n| 👩‍👩‍👧 | 3 |\n| `a` & **b** | 1<br>0 |';
    assert.equal(
      html(table),
      '<pre>name  │ size\n──────┼─────\n漢字  │   12\n👩‍👩‍👧    │    3\na &amp; b │  1 0</pre>',
    );
  });

  test('a table too wide for a phone becomes a list of its rows', () => {
    const text = 'word '.repeat(20).trim();
    assert.equal(html(`| a | b |\n|--|--|\n| **x** | ${text} |`), `• <b>a</b>: <b>x</b>\n  <b>b</b>: ${text}`);
  });

  test('what shows nothing gives no part, and what cannot be rendered goes as it is', () => {
    assert.deepEqual(renderTelegram(''), []);
    assert.deepEqual(renderTelegram(' \n\t\n'), []);
    assert.deepEqual(renderTelegram('[a]: https://x.y'), [{ text: '[a]: https://x.y', format: 'plain' }]);
    const deep = renderTelegram(`${'>'.repeat(9000)} x`);
    assert.deepEqual([deep.length, deep.every(({ format }) => format === 'plain')], [3, true]);
  });

  test('a limit below 16 is refused', () => {
    assert.throws(() => renderTelegram('a', { limit: 15 }), {
      name: 'RangeError',
      message: /at least 16 units, not 15/,
    });
  });
});

const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });

/** Holds the parts against the whole: nothing is lost, doubled or cut in two but white space at the cuts. */
function assertWhole(markdown: string, limit: number): readonly TelegramPart[] {
  const parts = renderTelegram(markdown, { limit });
  const text = textOf(readDocument(markdown).runs);
  const ends = new Set([...graphemes.segment(text)].map(({ index }) => index).concat(text.length));
  let at = 0;
  for (const part of parts) {
    const { text: shown, entities } =
      part.format === 'html' ? parseTelegramHtml(part.text) : { text: part.text, entities: [] };
    assert.ok(shown.length <= limit && shown.trim() !== '', `a part has ${shown.length} units`);
    assert.ok(entities.length <= 100, `a part has ${entities.length} entities`);
    const skipped = /^\s*/.exec(text.slice(at))![0];
    const start = text.startsWith(shown, at) ? at : text.indexOf(shown, at);
    assert.ok(start >= at && start <= at + skipped.length, `at ${at} follows ${JSON.stringify(shown.slice(0, 40))}`);
    at = start + shown.length;
    assert.ok(ends.has(at), `the cut at ${at} goes through a grapheme`);
  }
  assert.equal(text.slice(at).trim(), '');
  return parts;
}

const words = [
  'alpha',
  'b<c',
  '&amp;',
  'שלום',
  'مرحبا',
  '漢字',
  '👩‍👩‍👧‍👦',
  '🇩🇪🇫🇷',
  'e\u0301',
  '**bold**',
  '*it `co` it*',
  '`x<y`',
  '~~no~~',
];
const more = [
  '[l](https://x.y/?a&b)',
  '![i](http://j)',
  '<br>',
  '***',
  '__',
  '\\',
  '|',
  '](',
  '```',
  '\n',
  '\n\n',
  'किमपि',
  '\u2067x\u2069',
];

function line(random: Random): string {
  return Array.from({ length: 1 + random.below(30) }, () => random.pick([...words, ...words, ...more])).join(
    random.pick([' ', ' ', '']),
  );
}

function block(random: Random, depth = 0): string {
  const lines = () => Array.from({ length: 1 + random.below(6) }, () => line(random).replaceAll('\n', ' '));
  const inner = () => (depth < 3 ? block(random, depth + 1) : line(random));
  switch (random.below(8)) {
    case 0:
      return `${'#'.repeat(1 + random.below(6))} ${line(random)}`;
    case 1:
      return `\`\`\`${random.pick(['', 'ts', 'c++', '"<'])}\n${lines()
        .map((one) => ' '.repeat(random.below(9)) + one)
        .join(random.pick(['\n', '\n\n']))}\n\`\`\``;
    case 2:
      return lines()
        .map((one, index) => `${index + 1}. ${one}\n   ${inner().replaceAll('\n', '\n   ')}`)
        .join('\n');
    case 3:
      return lines()
        .map((one) => `- ${one}\n  ${inner().replaceAll('\n', '\n  ')}`)
        .join('\n');
    case 4:
      return `> ${inner().replaceAll('\n', '\n> ')}`;
    case 5:
      return `| a | ${line(random).replaceAll('\n', ' ')} |\n|--|:-:|\n${lines()
        .map((one) => `| ${one.replaceAll('|', '/')} | ${random.below(999)} |`)
        .join('\n')}`;
    case 6:
      return Array.from({ length: 20 }, () => line(random)).join(' ');
    default:
      return line(random);
  }
}

test('every part is balanced and short enough, and the parts are the whole, whatever the text', (context) => {
  const random = createRandom();
  context.diagnostic(`seed ${random.seed}`);
  for (let round = 0; round < 150; round++) {
    const markdown = Array.from({ length: 1 + random.below(12) }, () => block(random)).join(
      random.pick(['\n', '\n\n']),
    );
    try {
      assertWhole(markdown, random.pick([64, 200, 1024, telegramLimit]));
    } catch (error) {
      throw new Error(`seed ${random.seed}, round ${round}: ${JSON.stringify(markdown)}`, { cause: error });
    }
  }
});

test('every word of plain prose arrives, in order', () => {
  const random = createRandom();
  const prose = Array.from({ length: 4000 }, (_, index) => `word${index}${random.pick(['', '.', ',', '!\n\n', '\n'])}`);
  const shown = assertWhole(prose.join(' '), telegramLimit).map(telegramText).join(' ');
  assert.deepEqual(shown.split(/\s+/), prose.join(' ').trim().split(/\s+/));
});

test('a grapheme longer than a part is cut between characters', () => {
  const parts = renderTelegram(`a${'\u{1d165}'.repeat(60)}`, { limit: 33 });
  assert.ok(parts.length > 1 && parts.every(({ text }) => text.isWellFormed() && text.length <= 33));
});

test('code is cut at the ends of its lines, keeps its indentation and its language', () => {
  const lines = Array.from({ length: 60 }, (_, index) => `${'  '.repeat(index % 5)}call(${index});`);
  const parts = renderTelegram(`Before\n\n\`\`\`ts\n${lines.join('\n')}\n\`\`\`\n\nafter`, { limit: 200 });
  const code = parts.flatMap(({ text }) => [
    ...text.matchAll(/<pre><code class="language-ts">([^<]*)<\/code><\/pre>/g),
  ]);
  assert.deepEqual(
    code.flatMap((match) => match[1]!.split('\n')),
    lines,
  );
});

test('a heading stays with what it is the heading of', () => {
  const parts = renderTelegram(`${'a '.repeat(30)}\n\n# Title\n\n${'b '.repeat(40)}`, { limit: 100 });
  assert.match(parts[1]!.text, /^<b>Title<\/b>\n\nb b/);
});

test('an answer of 16,000 characters with code, a table and emoji is whole, in order and well rendered', () => {
  const section = (index: number) =>
    `## Part ${index} 👩‍👩‍👧‍👦\n\n${`Sentence ${index} with **bold** and a [link](https://x.y/${index}) 🇩🇪. `.repeat(20)}\n\n- one\n  - two ${index}\n\n\`\`\`ts\n${`const value = items.filter((item) => item < ${index} && !item.done);\n`.repeat(12)}\`\`\`\n\n| key | value |\n|:--|--:|\n${Array.from({ length: 8 }, (_, row) => `| row ${row} 😀 | ${row * index} |`).join('\n')}\n\n> quoted ${index}\n`;
  const markdown = Array.from({ length: 8 }, (_, index) => section(index + 1)).join('\n');
  assert.ok(markdown.length >= 16_000, `${markdown.length}`);
  const parts = assertWhole(markdown, telegramLimit);
  assert.deepEqual(
    parts.map((part) => {
      const { text, entities } = parseTelegramHtml(part.text);
      const count = (type: string) => entities.filter((one) => one.type === type).length;
      return [text.slice(0, 6), text.length <= telegramLimit, count('pre'), count('blockquote')];
    }),
    [1, 3, 5, 7].map((index) => [`Part ${index}`, true, 4, 2]),
  );
});
