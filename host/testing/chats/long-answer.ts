const emoji = ['😄', '👩‍👩‍👧', '🇩🇪', '👍🏽', '❤️‍🔥', 'é'];

export const longCode = Array.from(
  { length: 70 },
  (_, index) => `const item${index} = list[${index}:100:2]; // <b> & </b> \`\${x}\` ${emoji[index % emoji.length]}`,
).join('\n');

const rows = Array.from(
  { length: 24 },
  (_, index) => `| ${index} | ${emoji[index % emoji.length]} name ${index} | :smile: {NICK} a_b*c* |`,
);

export const longAnswerParagraphs = 80;
const half = longAnswerParagraphs / 2;

const paragraph = (index: number) =>
  `Paragraph ${index} with **bold**, _italic_, ~~struck~~, \`co<d>e\`, a [link](https://example.org/?a=${index}&b=2) and 3 < 4 & 5 > 2 ${emoji[index % emoji.length]}. Plain words follow, as most words are plain, so that it is not all ornament.`;

/** An answer of which a person reads more than 16,000 characters, with all that an answer may have in it. */
export const longAnswer = [
  '# A long answer',
  ...Array.from({ length: half }, (_, index) => paragraph(index)),
  '## A table',
  ['| # | who | what |', '|--:|---|---|', ...rows].join('\n'),
  '## Code',
  `\`\`\`ts\n${longCode}\n\`\`\``,
  '> A quote\n> of two lines',
  '- one\n- two\n  - three\n\n1. first\n2. second',
  'مرحبا بالعالم, שלום עולם',
  ...Array.from({ length: half }, (_, index) => paragraph(half + index)),
  'That was all.',
].join('\n\n');
