/** A text browser that renders what it reads from its input. */
export interface Program {
  readonly name: 'chawan' | 'w3m';
  readonly command: string;
  readonly arguments: readonly string[];
}

/** In the order in which they are tried: Chawan knows style sheets and shuts itself in. */
export const programs: readonly Program[] = [
  { name: 'chawan', command: 'cha', arguments: ['-d', '-T', 'text/html', '-I', 'utf-8', '-O', 'utf-8'] },
  {
    name: 'w3m',
    command: 'w3m',
    arguments: ['-dump', '-T', 'text/html', '-I', 'utf-8', '-O', 'utf-8', '-cols', '100'],
  },
];
