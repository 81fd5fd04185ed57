import assert from 'node:assert/strict';
import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { createTerminal } from '../../terminal/terminal.ts';
import { renderScreen } from '../../testing/screen.ts';
import { printAbove } from './print-above.ts';

const columns = 20;

function sitDown() {
  const [stdin, stdout] = [new PassThrough(), Object.assign(new PassThrough(), { columns })];
  let written = '';
  stdout.on('data', (data) => {
    written += String(data);
  });
  const streams = { stdin, stdout, stderr: stdout } as unknown as Parameters<typeof createTerminal>[0];
  // A terminal takes the beginning of a line with its end.
  const terminal = { ...createTerminal(streams), print: (text: string) => stdout.write(`${text}\r\n`) };
  const lines = createInterface({ input: stdin, output: stdout, terminal: true, prompt: '> ' });
  terminal.print('before');
  lines.prompt();
  return { lines, terminal, screen: () => renderScreen(written, columns) };
}

for (const [what, typed, shown] of [
  ['nothing', '', '> '],
  ['a word', 'hello', '> hello'],
  [
    'a line on three rows',
    'one two three four five six seven eight nine',
    '> one two three four\n five six seven eigh\nt nine',
  ],
] as const)
  test(`with ${what} typed, the news stand above it, and nothing else is left or lost`, () => {
    const { lines, terminal, screen } = sitDown();
    lines.write(typed);
    const steps = Math.min(3, typed.length);
    for (let step = 0; step < steps; step += 1) lines.write(null, { name: 'left' });
    printAbove(lines, terminal, '· news 1');
    printAbove(lines, terminal, '· news 2');
    assert.equal(screen(), `before\n· news 1\n· news 2\n${shown}`.trimEnd());
    assert.deepEqual([lines.line, lines.cursor], [typed, typed.length - steps]);
    lines.close();
  });
