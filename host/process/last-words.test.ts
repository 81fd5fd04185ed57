import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { createHostStreamPort } from '@clay/sdk/wire';
import { childStdio, lineOf } from './child-line.ts';
import { isRunning, readProcess } from './process-table.ts';

test('what a process said before it died is read, although the host has written to the dead since', {
  timeout: 30_000,
}, async () => {
  const process_ = spawn(process.execPath, [join(import.meta.dirname, 'testing', 'dying-child.ts')], {
    stdio: [...childStdio],
  });
  const line = createHostStreamPort(lineOf(process_));
  const heard: string[] = [];
  const there = Promise.withResolvers<void>();
  line.receive((message) => {
    if (message.type === 'ack') heard.push(message.id);
    there.resolve();
  });
  await there.promise;
  const child = readProcess(process_.pid ?? 0)!;
  line.send({ type: 'ping', id: 1 });
  // Nothing is read meanwhile, as in a host that is busy.
  while (isRunning(child));
  line.send({ type: 'ping', id: 2 });
  await line.closed;
  assert.deepEqual(heard, ['there', 'accepted']);
});
