import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ClayError, type JsonObject } from '@clay/sdk';
import { settle } from '@clay/sdk/testing';
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
