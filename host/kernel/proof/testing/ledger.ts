import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pluginSource } from './plugin-source.ts';

/**
 * A plugin whose two tools leave a line on the disk before they answer, in one write that is there when it returns:
 * `pay` may happen once, `mark` more often. What has happened can be counted whatever became of the answer.
 */
export function ledgerSource(version: number, fault = ''): string {
  const tool = (
    name: string,
    idempotent: boolean,
  ) => `ctx.tool({ name: '${name}', description: '${name}', idempotent: ${idempotent},
      parameters: { type: 'object', properties: { n: { type: 'integer' }, beforeMs: { type: 'number' }, afterMs: { type: 'number' } } },
      async run({ n, beforeMs, afterMs }: { n: number; beforeMs: number; afterMs: number }, call) {
        await pause(beforeMs);
        fs.writeSync(file, \`\${n} ${name} \${call.attempt} ${version}\\n\`);
        await pause(afterMs);
        ${fault}
        return n;
      } });`;
  const head = `import * as fs from 'node:fs';
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));`;
  const setup = `const path = ctx.paths.data + '/files/ledger/effects';
    let file = -1;
    ctx.onLive(() => { file = fs.openSync(path, fs.constants.O_WRONLY | fs.constants.O_CREAT | fs.constants.O_APPEND | fs.constants.O_SYNC); });
    ${tool('pay', false)}
    ${tool('mark', true)}`;
  return pluginSource('ledger', setup, head);
}

export interface Effect {
  readonly n: number;
  readonly tool: 'pay' | 'mark';
  readonly attempt: number;
  readonly version: number;
}

export function prepareLedger(root: string): void {
  mkdirSync(join(root, 'data', 'files', 'ledger'), { recursive: true });
}

/** What has happened, in the order in which it did. */
export function readEffects(root: string): readonly Effect[] {
  const file = join(root, 'data', 'files', 'ledger', 'effects');
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const [n, tool, attempt, version] = line.split(' ');
      return { n: Number(n), tool: tool as Effect['tool'], attempt: Number(attempt), version: Number(version) };
    });
}
