/** One instruction of a Dockerfile, its continued lines joined. */
export interface Instruction {
  readonly line: number;
  readonly name: string;
  readonly text: string;
}

export function parseDockerfile(text: string): readonly Instruction[] {
  const instructions: Instruction[] = [];
  let open: { line: number; text: string } | null = null;
  for (const [index, raw] of text.split('\n').entries()) {
    if (/^\s*#/.test(raw) || (open === null && raw.trim() === '')) continue;
    const isContinued = /\\\s*$/.test(raw);
    const part = raw.replace(/\\\s*$/, '').trim();
    open = open === null ? { line: index + 1, text: part } : { line: open.line, text: `${open.text} ${part}` };
    if (isContinued) continue;
    const [name = '', ...rest] = open.text.split(/\s+/);
    instructions.push({ line: open.line, name: name.toUpperCase(), text: rest.join(' ') });
    open = null;
  }
  return instructions;
}

/** Of the last stage: what becomes the image. */
function lastStage(instructions: readonly Instruction[]): readonly Instruction[] {
  return instructions.slice(instructions.findLastIndex(({ name }) => name === 'FROM'));
}

/** What is wrong with a Dockerfile, each with its line. Empty: nothing. */
export function findFaults(text: string): readonly string[] {
  const all = parseDockerfile(text);
  const image = lastStage(all);
  const faults: string[] = [];
  const fault = ({ line }: Pick<Instruction, 'line'>, problem: string) => faults.push(`line ${line}: ${problem}`);
  const last = (name: string) => image.findLast((one) => one.name === name);
  const end = { line: all.at(-1)?.line ?? 0 };

  const user = last('USER');
  if (user === undefined) fault(end, 'no USER: it would run as root');
  else if (!/^[1-9]\d*:[1-9]\d*$/.test(user.text)) fault(user, `USER ${user.text} is not numeric, uid and gid`);
  const health = last('HEALTHCHECK');
  if (health === undefined) fault(end, 'no HEALTHCHECK');
  for (const one of all) {
    if (/^(CMD|ENTRYPOINT)$/.test(one.name) && !isWords(one.text)) fault(one, `${one.name} is not in JSON form`);
    if (one.name === 'HEALTHCHECK' && !isWords(one.text.replace(/^.*?\bCMD\s+/, '')))
      fault(one, 'HEALTHCHECK CMD is not in JSON form');
    if (one.name === 'ADD') fault(one, 'ADD fetches and unpacks: COPY what is wanted');
    if (one.name === 'FROM' && isUnpinned(one.text, all)) fault(one, `FROM ${one.text} names no version`);
    if (/^(ENV|ARG)$/.test(one.name) && /\b\w*(KEY|TOKEN|SECRET|PASSWORD)\w*(=|$)/i.test(one.text))
      fault(one, `${one.name} would keep a secret in the image`);
    if (one.name === 'RUN' && /\bsudo\b|apt-get (dist-)?upgrade|\bapk upgrade\b|curl[^&|]*\|\s*(ba)?sh/.test(one.text))
      fault(one, 'RUN upgrades, or runs what it fetches');
    if (one.name === 'RUN' && /\bapk add\b(?!.*--no-cache)/.test(one.text)) fault(one, 'apk add without --no-cache');
  }
  return faults;
}

function isWords(text: string): boolean {
  try {
    const words: unknown = JSON.parse(text);
    return Array.isArray(words) && words.length > 0 && words.every((word) => typeof word === 'string');
  } catch {
    return false;
  }
}

/** A stage of the same file has no version; an argument has that of its default. */
function isUnpinned(text: string, all: readonly Instruction[]): boolean {
  const [image = ''] = text.split(/\s+/);
  const name = image.replace(/\$\{(\w+)\}/g, (_, variable: string) => {
    const declared = all.find((one) => one.name === 'ARG' && one.text.startsWith(`${variable}=`));
    return declared?.text.slice(variable.length + 1) ?? '';
  });
  const stages = all.filter((one) => one.name === 'FROM').map((one) => /\bAS\s+(\S+)/i.exec(one.text)?.[1]);
  if (name === 'scratch' || stages.includes(name)) return false;
  return !/@sha256:|:(?!latest$)[\w.-]+$/.test(name);
}
