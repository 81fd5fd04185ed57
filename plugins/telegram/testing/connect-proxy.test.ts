import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { json } from 'node:stream/consumers';
import { test } from 'node:test';
import { connect } from 'node:tls';

/** Asks as a program does that knows only https://api.telegram.org, and a proxy. */
async function ask(proxy: string, ca: string, path: string): Promise<unknown> {
  const tunnel = httpRequest(proxy, { method: 'CONNECT', path: 'api.telegram.org:443' }).end();
  const [, socket] = (await once(tunnel, 'connect')) as [unknown, Socket];
  const secure = connect({ socket, servername: 'api.telegram.org', ca: readFileSync(ca) });
  const request = httpsRequest({ host: 'api.telegram.org', path, createConnection: () => secure }).end();
  const [response] = await once(request, 'response');
  const answer = await json(response);
  secure.destroy();
  return answer;
}

test('the fake as a program stands for api.telegram.org behind a proxy that ends TLS, and is told what to say', async () => {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), '7:T'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = await once(createInterface(child.stdout), 'line');
  const { proxy, ca, token } = JSON.parse(String(line));
  const said = await fetch(`${proxy}/say`, {
    method: 'POST',
    body: JSON.stringify({ from: { id: 5001, first_name: 'Ada' }, text: 'hi' }),
  });
  const { update } = (await said.json()) as { update: number };
  assert.partialDeepStrictEqual(await ask(proxy, ca, `/bot${token}/getUpdates`), {
    ok: true,
    result: [{ update_id: update, message: { text: 'hi', from: { id: 5001 }, chat: { id: 5001, type: 'private' } } }],
  });
  await ask(proxy, ca, `/bot${token}/sendMessage?chat_id=5001&parse_mode=HTML&text=%3Cb%3Ea%3C/b%3E`);
  assert.partialDeepStrictEqual(await (await fetch(`${proxy}/said?chat=5001`)).json(), [
    { text: 'a', entities: [{ type: 'b', offset: 0, length: 1 }] },
  ]);
  assert.partialDeepStrictEqual(await ask(proxy, ca, '/botwrong/getMe'), { ok: false, error_code: 401 });
  child.stdin.end();
  assert.deepEqual(await once(child, 'exit'), [0, null]);
});
