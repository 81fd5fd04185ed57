import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Effect, type GuardedAction, parseRule } from './rule.ts';

const options = { root: '/claw', realPath: (path: string) => path.replace('/claw/link', '/claw/public') };
const writing = (path: string, effects: readonly Effect[] = ['write']): GuardedAction => ({
  capability: 'tool:write',
  effects,
  args: { path },
  folder: '/claw/work',
});
const matches = (rule: string, action: GuardedAction) => parseRule(rule, options).matches(action);

test('to save a script is to deploy it, and to save a page is to post it', () => {
  assert.ok(matches('deploy', writing('/claw/data/extensions/x.star')));
  assert.ok(matches('deploy', writing('../data/extensions/x.star')));
  assert.ok(matches('post', writing('../public/a.html')));
  assert.ok(matches('post', writing('/claw/link/a.html')));
});

test('to save anything else is neither', () => {
  for (const rule of ['deploy', 'post']) assert.ok(!matches(rule, writing('notes.txt')), rule);
  assert.ok(!matches('post', writing('/claw/data/extensions/x.star')));
  assert.ok(!matches('shell', writing('/claw/public/a.html')));
  assert.ok(!matches('post', writing('../public/a.html', [])));
});
