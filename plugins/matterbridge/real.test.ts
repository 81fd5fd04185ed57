import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Json } from '@clay/sdk';
import { findComponent, skipWithout } from './testing/component.ts';
import { type Connector, startConnector } from './testing/connector.ts';
import { IrcPerson } from './testing/irc-person.ts';
import { freePort, type IrcRoom, openIrcRoom } from './testing/irc-room.ts';
import { Program } from './testing/program.ts';

const matterbridge = findComponent('matterbridge', 'MATTERBRIDGE_BIN');
const ngircd = findComponent('ngircd', 'NGIRCD');

/** What a closed stream costs: matterbridge's handler learns of it only by its writes, and takes four messages until then. */
const maxLost = 4;

interface Order {
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** IRC person ↔ ngircd ↔ the real matterbridge ↔ the connector. */
describe('with the real matterbridge and an IRC server', {
  skip: skipWithout(matterbridge, ngircd),
  timeout: 120_000,
}, () => {
  const users = ['irc:*'];
  let root: string;
  let room: IrcRoom;
  let ada: IrcPerson;
  let order: Order;
  let bridge: Program;
  let claw: Connector;
  let url: string;
  let token: string;

  const startBridge = () => {
    bridge = new Program([matterbridge.path!, ...order.command.slice(1)], {
      PATH: process.env.PATH ?? '',
      ...order.environment,
    });
  };
  const answer = (text: string, key: string) =>
    claw.host.call('channel:matterbridge', { to: 'room/irc/#lab', text, format: 'plain', key });

  before(async () => {
    root = mkdtempSync(join(tmpdir(), 'clay-matterbridge-'));
    room = await openIrcRoom(ngircd.path!);
    ada = new IrcPerson('ada', room.port);
    await ada.join('#lab');
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    writeFileSync(
      join(root, 'matterbridge.toml'),
      `[irc.net]\nServer="127.0.0.1:${room.port}"\nNick="mbbot"\nUseTLS=false\nRemoteNickFormat="{NICK}"\nMessageDelay=100\nMessageQueue=200\nMessageLength=400\nMessageSplit=true\n\n[[gateway]]\nname="room"\nenable=true\ninout=[{account="irc.net",channel="#lab"},{account="api.clay",channel="api"}]\n`,
    );
    const joined = ada.hears(/:mbbot\S* JOIN/);
    claw = await startConnector({
      root,
      config: { port, users },
      run: (args: Json) => {
        order = args as unknown as Order;
        token = order.environment.MATTERBRIDGE_API_CLAY_TOKEN!;
        startBridge();
        return null;
      },
    });
    await claw.turnUntil(joined);
  });

  after(async () => {
    ada.leave();
    await claw.host.stop();
    await bridge.kill('SIGKILL');
    await room.close();
    rmSync(root, { recursive: true });
  });

  test('a person is heard, and hears the answer in lines that nobody clips', async () => {
    ada.say('#lab', 'hello from irc 😄 (re: nothing)');
    const [message] = await claw.turnUntil(claw.inbox.count(1));
    assert.partialDeepStrictEqual(message, {
      chat: 'room/irc/#lab',
      user: 'irc:~ada@127.0.0.1',
      name: 'ada',
      text: 'hello from irc 😄 (re: nothing)',
      isGroup: true,
    });
    const start = ada.lines.length;
    const words = Array.from({ length: 150 }, (_, index) => `wörd${index}`);
    await answer(`!users :smile: a[1:100:2]\n${words.join(' ')}\nthe end`, 'a/1');
    await ada.hears(/PRIVMSG #lab :the end/, start);
    const said = ada.lines.slice(start).flatMap((line) => / PRIVMSG #lab :(.*)$/.exec(line)?.[1] ?? []);
    assert.equal(said[0]!.replaceAll('\u2060', ''), '!users :smile: a[1:100:2]');
    assert.equal(said.slice(1, -1).join(' '), words.join(' '));
    assert.ok(said.every((line) => !line.includes('clipped')));
  });

  test('an action is told as one, and joins of others are not said', async () => {
    const bo = new IrcPerson('bo', room.port);
    await bo.join('#lab');
    bo.leave();
    await ada.hears(/:bo\S* QUIT/);
    const before = claw.inbox.taken.length;
    ada.say('#lab', '\u0001ACTION waves\u0001');
    const taken = await claw.turnUntil(claw.inbox.count(before + 1));
    assert.equal(taken.at(-1)!.text, '* ada waves');
  });

  test('a matterbridge that was killed comes back with the same file, and nobody has to do anything', async () => {
    const start = ada.lines.length;
    await bridge.kill('SIGKILL');
    await ada.hears(/:mbbot\S* QUIT/, start);
    await assert.rejects(answer('into the void', 'b/1'), { code: 'UNAVAILABLE' });
    startBridge();
    await claw.turnUntil(ada.hears(/:mbbot\S* JOIN/, start));
    const before = claw.inbox.taken.length;
    ada.say('#lab', 'are you back?');
    const taken = await claw.turnUntil(claw.inbox.count(before + 1));
    assert.equal(taken.at(-1)!.text, 'are you back?');
    await answer('I am.', 'b/2');
    await ada.hears(/PRIVMSG #lab :I am\./, start);
  });

  test('what is said while no connector reads is read by the next one, once, but for what matterbridge loses', async (t) => {
    await claw.host.stop();
    const told = Array.from({ length: 20 }, (_, index) => `line ${index}`);
    for (const text of told) ada.say('#lab', text);
    claw = await startConnector({ root, config: { url, token, users } });
    await claw.turnUntil(claw.inbox.said('line 19'));
    // Matterbridge hands lines of a burst on side by side, so that neighbours may change places: one more is surely last.
    ada.say('#lab', 'the end');
    const taken = (await claw.turnUntil(claw.inbox.said('the end'))).slice(0, -1).map(({ text }) => String(text));
    t.diagnostic(`lost by matterbridge: ${told.filter((text) => !taken.includes(text)).join(', ')}`);
    assert.ok(taken.length >= told.length - maxLost);
    assert.equal(new Set(taken).size, taken.length);
    assert.deepEqual(
      taken.filter((text) => !told.includes(text)),
      [],
    );
  });
});
