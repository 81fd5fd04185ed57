import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createTestHost, type TestHost } from '@clay/sdk/testing';
import platform from '../index.ts';

const inPublic = (claw: TestHost, ...names: string[]) => join(claw.paths.public, ...names);
const read = (claw: TestHost, ...names: string[]) => readFileSync(inPublic(claw, ...names), 'utf8');
const activity = (claw: TestHost) =>
  JSON.parse(read(claw, 'activity.json')) as { summary: string; type: string; time: string }[];
const slugs = (claw: TestHost) =>
  (JSON.parse(read(claw, 'posts', 'index.json')) as { slug: string }[]).map(({ slug }) => slug);

test('a post becomes a page, a line in the list of posts and a line of activity', async () => {
  await using claw = await createTestHost(platform);
  const answer = await claw.tool('publish_post', {
    title: 'Größe & Maß',
    body: '# One\n\nTwo *three*.\n\n| a | b |\n|---|---|\n| 1 | 2 |',
  });
  assert.partialDeepStrictEqual(answer, {
    path: '/posts/grosse-mass.html',
    post: { summary: 'Two three.' },
  });
  const page = read(claw, 'posts', 'grosse-mass.html');
  assert.match(page, /<title>Größe &amp; Maß<\/title>/);
  assert.match(page, /<h2>One<\/h2>\s*<p>Two <em>three<\/em>\.<\/p>\s*<table>/);
  assert.match(page, /<time datetime="2026-01-01T00:00:00.000Z">1 January 2026<\/time>/);
  assert.match(read(claw, 'posts', 'index.html'), /<a href="grosse-mass.html">Größe &amp; Maß<\/a>/);
  assert.equal(read(claw, 'posts', 'grosse-mass.md'), '# One\n\nTwo *three*.\n\n| a | b |\n|---|---|\n| 1 | 2 |');
  assert.deepEqual(activity(claw), [
    { time: '2026-01-01T00:00:00.000Z', summary: 'Published “Größe & Maß”', type: 'post' },
  ]);
});

test('scripts, styles, frames and script links are gone from a page, wherever they stand', async () => {
  await using claw = await createTestHost(platform);
  const body = [
    'Hello <script>alert(1)</script><img src=x onerror=alert(1)> [link](javascript:alert(1)) <a href="JaVaScRiPt:alert(2)">b</a>',
    '<iframe src="https://evil.example"></iframe><svg onload=alert(3)><style>body{display:none}</style>',
    '<p style="position:fixed">x</p><form action="https://evil.example"><input name=a></form>',
    '<a href="//evil.example/x">c</a> <img src="data:text/html,x"> <math><mi//xlink:href="data:x,<script>alert(4)</script>">',
    '[good](https://example.com/a?b=c&d=e)',
  ].join('\n\n');
  const title = '</title><script>alert(5)</script>"\' onload=';
  await claw.tool('publish_post', { title, body, slug: 'attack', summary: '"><script>alert(6)</script>' });
  for (const page of [read(claw, 'posts', 'attack.html'), read(claw, 'posts', 'index.html')]) {
    assert.doesNotMatch(
      page,
      /<script|<iframe|<svg|<style|<form|<input|<math|javascript:|onerror=|src="data:|style="|"\/\/evil/i,
    );
  }
  assert.match(
    read(claw, 'posts', 'attack.html'),
    /<a href="https:\/\/example.com\/a\?b=c&amp;d=e" rel="nofollow noopener">good<\/a>/,
  );
  await assert.rejects(claw.tool('publish_post', { title: 'Nothing', body: '<script>alert(1)</script>' }), {
    code: 'BAD_ARGUMENTS',
    message: /Nothing of the body is left/,
  });
  assert.deepEqual(slugs(claw), ['attack']);
});

test('nothing is overwritten without saying so, and a changed post keeps its day', async () => {
  await using claw = await createTestHost(platform);
  await claw.tool('publish_post', { title: 'Week', body: 'one' });
  await claw.advance(86_400_000);
  await assert.rejects(claw.tool('publish_post', { title: 'Week', body: 'two' }), {
    code: 'CONFLICT',
    message: /"replace": true/,
  });
  assert.match(read(claw, 'posts', 'week.html'), /one/);
  await claw.tool('publish_post', { title: 'Week!', slug: 'week', body: 'two', replace: true });
  assert.match(read(claw, 'posts', 'week.html'), /1 January 2026<\/time> · changed <time datetime="2026-01-02/);
  await claw.tool('publish_post', { title: 'Later', body: 'three' });
  assert.deepEqual(slugs(claw), ['later', 'week']);
  assert.deepEqual(
    activity(claw).map(({ summary }) => summary),
    ['Published “Later”', 'Changed “Week!”', 'Published “Week”'],
  );
  writeFileSync(inPublic(claw, 'posts', 'mine.html'), 'by hand');
  await assert.rejects(claw.tool('publish_post', { title: 'Mine', body: 'x' }), {
    code: 'CONFLICT',
    message: /mine\.html is there already/,
  });
});

test('a removed post is gone from the list and from the disk', async () => {
  await using claw = await createTestHost(platform);
  await claw.tool('publish_post', { title: 'Week', body: 'one' });
  assert.deepEqual(await claw.tool('remove_post', { slug: 'week' }), { message: 'Removed "Week"' });
  assert.deepEqual(readdirSync(inPublic(claw, 'posts')).sort(), ['index.html', 'index.json', 'style.css']);
  assert.match(read(claw, 'posts', 'index.html'), /Nothing has been written yet/);
  await assert.rejects(claw.tool('remove_post', { slug: 'week' }), { code: 'NOT_FOUND', message: /Posts: none/ });
});

test('a slug leads nowhere else', async () => {
  await using claw = await createTestHost(platform);
  for (const slug of ['../index', 'a/b', 'index', 'style', 'Ä', '', '-a', 'a--b', 'a'.repeat(81), 'a.html']) {
    await assert.rejects(claw.tool('publish_post', { title: 'x', body: 'x', slug }), { code: 'BAD_ARGUMENTS' }, slug);
  }
  await assert.rejects(claw.tool('publish_post', { title: '日記', body: 'x' }), {
    code: 'BAD_ARGUMENTS',
    message: /give a "slug"/,
  });
  assert.equal(existsSync(inPublic(claw, 'posts')), false);
});

test('activity is newest first and capped at 200, also when many come at once', async () => {
  await using claw = await createTestHost(platform);
  for (let batch = 0; batch < 21; batch++) {
    await Promise.all(
      Array.from({ length: 10 }, (_, index) => claw.tool('publish_activity', { summary: `did ${batch * 10 + index}` })),
    );
    await claw.advance(1000);
  }
  const list = activity(claw);
  assert.equal(list.length, 200);
  assert.deepEqual([list[0]?.summary, list[199]?.summary], ['did 209', 'did 10']);
  assert.deepEqual(
    list.map(({ time }) => time),
    list
      .map(({ time }) => time)
      .sort()
      .reverse(),
  );
  assert.equal(list[0]?.type, 'update');
});

test('a list that was made by hand is continued, and one that is broken is left alone', async () => {
  await using claw = await createTestHost(platform);
  mkdirSync(claw.paths.public, { recursive: true });
  const mine = { time: '2025-02-22T10:00:00Z', summary: 'seed', type: 'deploy', link: '/x' };
  writeFileSync(inPublic(claw, 'activity.json'), JSON.stringify([mine]));
  await claw.tool('publish_activity', { summary: 'line\none  two', type: 'task' });
  assert.deepEqual(activity(claw), [{ time: '2026-01-01T00:00:00.000Z', summary: 'line one two', type: 'task' }, mine]);
  writeFileSync(inPublic(claw, 'activity.json'), '{"not": "a list"');
  for (const [tool, args] of [
    ['publish_activity', { summary: 'x' }],
    ['publish_post', { title: 'x', body: 'x' }],
  ] as const)
    await assert.rejects(claw.tool(tool, args), { code: 'CONFLICT', message: /activity\.json is not a list/ });
  assert.equal(read(claw, 'activity.json'), '{"not": "a list"');
  assert.equal(existsSync(inPublic(claw, 'posts')), false);
  await assert.rejects(claw.tool('publish_activity', { summary: 'x', type: '<b>' }), { code: 'BAD_ARGUMENTS' });
});
