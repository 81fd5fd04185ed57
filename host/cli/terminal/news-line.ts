import type { News } from '../../medic/generations/medic.ts';
import { safeLine } from './safe-text.ts';
import type { Terminal } from './terminal.ts';

const width = 300;

/** What a person is told in passing: `tasks: generation 3 was taken back: it crashed on probation`. */
export function formatNews({ plugin, text }: News): string {
  return `${safeLine(plugin, 64)}: ${inPassing(text)}`;
}

/** A change of state: `tasks: generation 3 probation (it is built and tested)`. */
export function formatChange(terminal: Terminal, { plugin, generation, state, text }: News): string {
  const reason = text === '' ? '' : ` (${inPassing(text)})`;
  return `${safeLine(plugin, 64)}: generation ${generation} ${styleState(terminal, state)}${reason}`;
}

function inPassing(text: string): string {
  return safeLine(text, width).replace(/^Generation (?=\d)/, 'generation ');
}

/** A state in the colour that fits it. */
export function styleState(terminal: Terminal, state: string): string {
  switch (state) {
    case 'committed':
      return terminal.style('green', state);
    case 'probation':
    case 'staged':
    case 'built':
    case 'draining':
      return terminal.style('yellow', state);
    case 'stopped':
      return terminal.style('dim', state);
    default:
      return terminal.style('red', safeLine(state, 32));
  }
}
