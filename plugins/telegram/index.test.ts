import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { ClayError, type JsonObject } from '@clay/sdk';
import { settle, type TestHost } from '@clay/sdk/testing';
import { listenBotApi } from './testing/fake-bot-api.ts';
import { FakeRefusal } from './testing/fake-refusal.ts';
import { ada, confirmed, deliver, eve, group, loggedIn, start } from './testing/setting.ts';

describe('without a token, or where Matterbridge serves the bot', () => {
  for (const telegram of [{ token: null }, { connector: 'matterbridge' }])
    test(`the plugin only renders: ${JSON.stringify(telegram)}`, async () => {
      await using setting = await start({ telegram, isQuiet: true });
      assert.deepEqual([...setting.host.capabilities.keys()], ['service:telegram.render']);
      await setting.host.advance(60_000);
      assert.deepEqual([setting.fake.calls, setting.host.logs], [[], []]);
      assert.deepEqual(await setting.host.call('service:telegram.render', { text: '**a** < b' }), {
        parts: [{ text: '<b>a</b> &lt; b', format: 'html' }],
      });
    });
});

describe('what people say', () => {
  test('reaches the host with a key, and is confirmed to Telegram only after the host has accepted it', async () => {
    await using setting = await start();
    const { fake, host, received, failures } = setting;
    failures.push(new ClayError('UNAVAILABLE', 'the disk is full'));
    const id = fake.say({ from: ada, text: 'hello 😄' });
    await fake.until(() => fake.updates.waiting.length === 1 && !fake.updates.isRead);
    while (loggedIn(host, 'telegram.trouble').length === 0) await settle();
    assert.deepEqual([received, fake.updates.confirmed, fake.updates.waiting], [[], 0, [id]]);
    await host.advance(1_000);
    await confirmed(fake, id);
    assert.partialDeepStrictEqual(received, [
      {
        channel: 'telegram',
        chat: '5001',
        user: '5001',
        name: 'Ada',
        text: 'hello 😄',
        isGroup: false,
        attachments: [],
      },
    ]);
    assert.match(String(received[0]!.key), /^telegram:111:5001:\d+$/);
    assert.equal(loggedIn(host, 'telegram.back').length, 1);
  });

  test('a message that the host can never take holds up nobody behind it', async () => {
    await using setting = await start();
    setting.failures.push(new ClayError('BAD_ARGUMENTS', 'the name has control characters'));
    setting.fake.say({ from: ada, text: 'one' });
    await confirmed(setting.fake, setting.fake.say({ from: ada, text: 'two' }));
    assert.deepEqual(
      setting.received.map(({ text }) => text),
      ['two'],
    );
    assert.equal(loggedIn(setting.host, 'telegram.update_dropped').length, 1);
  });

  test('brings its photo, voice and document; what is too large is told in words', async () => {
    await using setting = await start({
      config: { attachmentBytes: 1000 },
      before(fake) {
        for (const id of ['small', 'large', 'voice', 'pdf']) fake.addFile(id, Buffer.from(id));
      },
    });
    const { fake, received } = setting;
    const photo = [
      { file_id: 'large', file_unique_id: 'l', width: 90, height: 90, file_size: 5 },
      { file_id: 'small', file_unique_id: 's', width: 9, height: 9, file_size: 5 },
    ];
    fake.say({ from: ada, more: { photo, caption: 'look' } });
    fake.say({
      from: ada,
      more: { voice: { file_id: 'voice', file_unique_id: 'v', duration: 1, mime_type: 'audio/ogg' } },
    });
    const document = { file_id: 'pdf', file_unique_id: 'p', file_name: 'a.pdf', mime_type: 'application/pdf' };
    fake.say({ from: ada, more: { document } });
    fake.say({ from: ada, text: 'x', more: { document: { ...document, file_size: 2_500_000 } } });
    await confirmed(fake, fake.say({ from: ada, text: 'y', more: { document: { ...document, file_id: 'gone' } } }));
    const files = received.map(({ text, attachments }) => {
      const [first] = attachments as JsonObject[];
      return [text, first?.mediaType ?? null, first && Buffer.from(String(first.base64), 'base64').toString()];
    });
    assert.deepEqual(files.slice(0, 3), [
      ['look', 'image/jpeg', 'large'],
      ['', 'audio/ogg', 'voice'],
      ['', 'application/pdf', 'pdf'],
    ]);
    assert.equal(files[4]![0], 'y\n[attachment left out: Telegram does not give me a.pdf; tell the person]');
    assert.match(String(files[3]![0]), /^x\n\[attachment left out: a\.pdf has 2\.5 MB, more than the 0\.0 MB/);
  });
});

describe('who may talk to the claw', () => {
  test('in a group only those who were named are heard, and nobody else is answered', async () => {
    await using setting = await start({ telegram: { chatId: String(group), allowedUsers: ['5001'] } });
    const { fake, received } = setting;
    fake.say({ from: eve, chat: group, text: '/help' });
    fake.say({ from: ada, chat: group, text: '/help@other_bot' });
    await confirmed(fake, fake.say({ from: ada, chat: group, text: '/help@clay_bot now' }));
    assert.deepEqual(
      received.map(({ text, chat, isGroup }) => [text, chat, isGroup]),
      [['/help now', '-100', true]],
    );
    assert.deepEqual(fake.said(group), []);
    assert.equal(loggedIn(setting.host, 'telegram.unnamed')[0]?.fields?.user, '6666');
  });

  test('a place that the person has deleted is opened again', async () => {
    await using setting = await start();
    setting.fake.script('editMessageText', new FakeRefusal(400, 'Bad Request: message to edit not found'));
    await deliver(setting.host, 'a');
    assert.deepEqual(
      setting.fake.said(ada.id).map(({ text }) => text),
      ['…', 'a'],
    );
  });

  test('a bot that hears whole groups takes only what is meant for it', async () => {
    await using setting = await start({ telegram: { allowedUsers: ['5001'] }, bot: { hearsGroups: true } });
    setting.fake.say({ from: ada, chat: group, text: 'lunch?' });
    await confirmed(setting.fake, setting.fake.say({ from: ada, chat: group, text: '@Clay_bot lunch?' }));
    assert.deepEqual(
      setting.received.map(({ text }) => text),
      ['@Clay_bot lunch?'],
    );
  });
});

describe('what the claw says', () => {
  test('arrives in a place of its own with an id, formatted, and once, however often it is delivered', async () => {
    await using setting = await start();
    const { fake, host } = setting;
    const receipt = await deliver(host, '<b>done</b>');
    assert.deepEqual(await deliver(host, '<b>done</b>'), receipt);
    const [message, ...more] = fake.said(ada.id);
    assert.deepEqual([message!.text, message!.entities.length, message!.edits, more], ['done', 1, 1, []]);
    assert.deepEqual(receipt, { id: String(message!.id) });
  });

  for (const [method, script] of [
    ['sendMessage', 'cut before'],
    ['sendMessage', 'cut after'],
    ['editMessageText', 'cut before'],
    ['editMessageText', 'cut after'],
  ] as const)
    test(`${method}, ${script} it took effect: the content comes once, at most an empty place is doubled`, async () => {
      await using setting = await start();
      const { fake, host } = setting;
      fake.script(method, script);
      await assert.rejects(deliver(host, 'content'), { code: 'UNAVAILABLE' });
      await deliver(host, 'content');
      const texts = fake.said(ada.id).map(({ text }) => text);
      assert.deepEqual(
        texts.filter((text) => text !== '…'),
        ['content'],
      );
      assert.equal(texts.length, method === 'sendMessage' && script === 'cut after' ? 2 : 1);
    });

  test('a pause that Telegram asks for, a blocked bot, a lost chat and a text too long have codes that say so', async () => {
    await using setting = await start();
    const { fake, host } = setting;
    fake.script('sendMessage', new FakeRefusal(429, 'Too Many Requests: retry after 7', 7));
    await assert.rejects(deliver(host, 'a'), (error: ClayError) => {
      assert.deepEqual([error.code, error.details.data], ['UNAVAILABLE', { retryAfterMs: 7000 }]);
      return true;
    });
    fake.script('sendMessage', new FakeRefusal(403, 'Forbidden: bot was blocked by the user'));
    await assert.rejects(deliver(host, 'a'), { code: 'REFUSED' });
    fake.script('sendMessage', new FakeRefusal(400, 'Bad Request: chat not found'));
    await assert.rejects(deliver(host, 'a'), { code: 'NOT_FOUND' });
    await assert.rejects(deliver(host, 'x'.repeat(4097)), { code: 'TOO_LARGE' });
    await deliver(host, '<b>not closed', { key: 'm2/1' });
    assert.equal(fake.said(ada.id).at(-1)!.text, 'not closed');
  });

  test('an answer in a group replies to what was asked; a topic keeps its place', async () => {
    await using setting = await start({ telegram: { allowedUsers: ['5001'] } });
    const { fake, host, received } = setting;
    const more = { message_id: 42, is_topic_message: true, message_thread_id: 9 };
    await confirmed(fake, fake.say({ from: ada, chat: group, text: '/x', more }));
    await deliver(host, 'y', { to: String(received[0]!.chat) });
    assert.equal(received[0]!.chat, '-100/9');
    assert.deepEqual(
      fake.said(group).map(({ text, replyTo }) => [text, replyTo]),
      [['y', 42]],
    );
    assert.equal(fake.calls.find(({ method }) => method === 'sendMessage')!.parameters.message_thread_id, 9);
  });

  test('files go out as what they are: images as photos, speech as voice, the rest as documents', async () => {
    await using setting = await start();
    const { fake, host } = setting;
    const base64 = Buffer.from('bytes').toString('base64');
    const send = (name: string, mediaType: string) =>
      host.call('service:telegram.file', { chat: '5001', name, mediaType, base64, key: name });
    for (const [name, mediaType] of [
      ['chart', 'image/png'],
      ['a.ogg', 'audio/ogg'],
      ['a.pdf', 'application/pdf'],
    ] as const)
      await send(name, mediaType);
    fake.script('sendPhoto', new FakeRefusal(400, 'Bad Request: PHOTO_INVALID_DIMENSIONS'));
    await send('tall.png', 'image/png');
    const sent = fake.calls.map(({ method }) => method).filter((method) => /^send(Photo|Voice|Document)/.test(method));
    assert.deepEqual(sent, ['sendPhoto', 'sendVoice', 'sendDocument', 'sendPhoto', 'sendDocument']);
    assert.deepEqual(
      fake.said(ada.id).map(({ file }) => file?.name),
      ['chart', 'a.ogg', 'a.pdf', 'tall.png'],
    );
  });

  test('a file whose line broke may have come through, and that is said; one that never left is tried again', async () => {
    await using server = await listenBotApi();
    await using setting = await start({ server });
    const { fake, host } = setting;
    const file = { chat: '5001', name: 'a.pdf', base64: 'AAAA', key: 'm1/2' };
    fake.script('sendDocument', 'cut after');
    await assert.rejects(host.call('service:telegram.file', file), { code: 'CALL_OUTCOME_UNKNOWN' });
    await server.fall();
    await assert.rejects(host.call('service:telegram.file', file), { code: 'UNAVAILABLE' });
    await server.rise();
  });
});

describe('while the claw works', () => {
  const long = 'A sentence that goes on. '.repeat(12).trim();
  const tell = (host: TestHost, state: string, text?: string) =>
    host.call('service:telegram.activity', { chat: '5001', state, ...(text === undefined ? {} : { text }) });

  test('it is seen to type, again and again until it is idle', async () => {
    await using setting = await start();
    const { fake, host } = setting;
    await tell(host, 'thinking');
    await fake.until(() => fake.count('sendChatAction') === 1);
    await host.advance(4_500);
    await fake.until(() => fake.count('sendChatAction') === 2);
    await tell(host, 'idle');
    await host.advance(60_000);
    assert.equal(fake.count('sendChatAction'), 2);
  });

  test('one message grows with the answer, not too often, and becomes its first part', async () => {
    await using setting = await start();
    const { fake, host } = setting;
    await tell(host, 'thinking', 'Short');
    assert.deepEqual(fake.said(ada.id), []);
    await tell(host, 'thinking', `${long.slice(0, 180)} **bo`);
    await tell(host, 'thinking', long.slice(0, 200));
    assert.deepEqual(
      fake.said(ada.id).map(({ edits }) => edits),
      [0],
    );
    await host.advance(1_500);
    await tell(host, 'thinking', long.slice(0, 250));
    assert.deepEqual(
      fake.said(ada.id).map(({ edits }) => edits),
      [1],
    );
    await deliver(host, long);
    await tell(host, 'idle');
    await host.advance(60_000);
    assert.deepEqual(
      fake.said(ada.id).map(({ text }) => text),
      [long],
    );
  });

  test('a live message that became a part stays, also when the part needed a second try', async () => {
    await using setting = await start();
    const { fake, host } = setting;
    await tell(host, 'thinking', long);
    fake.script('editMessageText', new FakeRefusal(429, 'Too Many Requests: retry after 3', 3));
    await assert.rejects(deliver(host, long), { code: 'UNAVAILABLE' });
    await tell(host, 'idle');
    await deliver(host, long);
    await host.advance(60_000);
    await settle();
    assert.deepEqual(
      fake.said(ada.id).map(({ text }) => text),
      [long],
    );
    assert.equal(fake.count('deleteMessage'), 0);
  });

  test('a live message that becomes nothing is taken away', async () => {
    await using first = await start();
    await tell(first.host, 'thinking', long);
    await deliver(first.host, 'Something else.');
    await tell(first.host, 'idle');
    await first.host.advance(15_000);
    await first.fake.until(() => first.fake.count('deleteMessage') === 1);
    assert.deepEqual(
      first.fake.said(ada.id).map(({ text }) => text),
      ['Something else.'],
    );
  });

  test('what a claw that died has left half said is taken away by the next', async () => {
    await using server = await listenBotApi();
    const folder = mkdtempSync(join(tmpdir(), 'clay-telegram-'));
    const options = { server, database: join(folder, 'messages.db') };
    const first = await start(options);
    await tell(first.host, 'thinking', long);
    await deliver(first.host, 'Something else.');
    await first.host.stop();
    assert.equal(server.fake.said(ada.id).length, 2);
    await using _ = await start(options);
    await server.fake.until(() => server.fake.count('deleteMessage') === 1);
    assert.deepEqual(
      server.fake.said(ada.id).map(({ text }) => text),
      ['Something else.'],
    );
    rmSync(folder, { recursive: true });
  });

  test('a refusal of a live edit harms nobody, and is waited out', async () => {
    await using setting = await start();
    const { fake, host } = setting;
    fake.script('sendMessage', new FakeRefusal(429, 'Too Many Requests: retry after 30', 30));
    await tell(host, 'thinking', long);
    await host.advance(10_000);
    await tell(host, 'thinking', long);
    assert.equal(fake.count('sendMessage'), 1);
    await host.advance(20_000);
    await tell(host, 'thinking', long);
    assert.equal(fake.count('sendMessage'), 2);
  });
});

describe('the connection', () => {
  test('the menu lists what the host lists', async () => {
    await using setting = await start();
    const call = setting.fake.calls.find(({ method }) => method === 'setMyCommands');
    assert.deepEqual(call!.parameters.commands, [{ command: 'help', description: 'Lists the commands.' }]);
  });

  test('a token that is refused is told once, and nothing loops', async () => {
    await using setting = await start({ telegram: { token: '1:WRONG' }, isQuiet: true });
    const { fake, host } = setting;
    while (loggedIn(host, 'telegram.refused').length === 0) await settle();
    await host.advance(3_600_000);
    assert.equal(fake.calls.length, 1);
    assert.match(String(loggedIn(host, 'telegram.refused')[0]!.fields?.message), /@BotFather/);
    assert.doesNotMatch(JSON.stringify(host.logs), /1:WRONG/);
  });

  test('a second reader of the bot is told once, plainly, and tried again once a minute', async () => {
    const conflict = new FakeRefusal(409, 'Conflict: terminated by other getUpdates request');
    await using setting = await start({ before: (fake) => fake.script('getUpdates', conflict, conflict) });
    const { fake, host, received } = setting;
    while (loggedIn(host, 'telegram.conflict').length === 0) await settle();
    await host.advance(59_000);
    assert.equal(fake.count('getUpdates'), 1);
    await host.advance(1_000);
    await fake.until(
      () => fake.calls.filter(({ method, status }) => method === 'getUpdates' && status === 409).length === 2,
    );
    while (host.clock.pending === 0) await settle();
    await host.advance(60_000);
    await confirmed(fake, fake.say({ from: ada, text: 'there?' }));
    assert.equal(received.length, 1);
    assert.equal(loggedIn(host, 'telegram.conflict').length, 1);
    assert.match(String(loggedIn(host, 'telegram.conflict')[0]!.fields?.message), /with the same token/);
  });

  test('two processes with one token: it is told plainly, and nothing is heard twice', async () => {
    await using setting = await start();
    const { fake, host } = setting;
    const other = fake.updates.read(null, 0, 0, 100, new AbortController().signal);
    while (loggedIn(host, 'telegram.conflict').length === 0) await settle();
    assert.deepEqual(await other, []);
  });

  test('a webhook that is in the way is removed', async () => {
    const conflict = new FakeRefusal(409, "Conflict: can't use getUpdates method while webhook is active");
    await using setting = await start({ before: (fake) => fake.script('getUpdates', conflict) });
    await setting.fake.until(() => setting.fake.count('deleteWebhook') === 1);
    while (setting.host.clock.pending === 0) await settle();
    await setting.host.advance(0);
    await confirmed(setting.fake, setting.fake.say({ from: ada, text: 'there?' }));
    assert.equal(setting.received.length, 1);
  });

  test('cuts and errors of Telegram are waited out, and nothing is lost or doubled', async () => {
    await using setting = await start();
    const { fake, host, received } = setting;
    fake.script('getUpdates', 'cut after', new FakeRefusal(502, 'Bad Gateway'));
    const id = fake.say({ from: ada, text: 'one' });
    for (let round = 0; fake.updates.confirmed <= id && round < 2000; round++) {
      await settle();
      if (host.clock.pending > 0) await host.advance(1_000);
    }
    assert.deepEqual(
      received.map(({ text }) => text),
      ['one'],
    );
  });

  test('the lease goes with the last request under way', async () => {
    const setting = await start();
    await setting.host.stop();
    const calls = setting.fake.calls.length;
    setting.fake.say({ from: ada, text: 'after' });
    await settle();
    assert.deepEqual([setting.fake.calls.length, setting.fake.updates.isRead], [calls, false]);
    await setting[Symbol.asyncDispose]();
  });
});
