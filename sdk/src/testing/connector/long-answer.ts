/** An answer of more than 16,000 characters, with everything that rendering and a chat service could trip over. */
export function longAnswer(): string {
  const row = (index: number) => `| ${index} | 👩‍👩‍👧 name ${index} | :smile: {NICK} {USERID} |`;
  const rows = Array.from({ length: 20 }, (_, index) => row(index));
  const table = ['| # | who | what |', '|---|---|---|', ...rows].join('\n');
  const code = `\`\`\`ts\n${'const list = a[1:100:2]; // <b> & </b>\n'.repeat(60)}\`\`\``;
  const prose = Array.from(
    { length: 130 },
    (_, index) =>
      `Paragraph ${index} with **bold**, _italic_, a [link](https://example.org/?a=1&b=2) and 3 < 4 & 5 > 2 😄.`,
  );
  return ['# Heading', ...prose.slice(0, 60), table, code, '- one\n- two\n  - three', ...prose.slice(60)].join('\n\n');
}
