import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allowProblem } from './allow-entry.ts';

const host = 'is no host, which has no scheme, port and path: write allow';
const rest = ', ["*.example.org"] for all below it, or ["*"]';
const straight = 'write a folder or file from the root of the claw, such as allow(read = ["public", "files/shared"])';

const wrong: readonly (readonly [list: string, entry: string, told: string])[] = [
  ['http', 'https://api.github.com/v1', `${host}(http = ["api.github.com"])${rest}`],
  ['http', 'api.github.com:8443', `${host}(http = ["api.github.com"])${rest}`],
  ['http', 'api.github.com/repos', `${host}(http = ["api.github.com"])${rest}`],
  ['http', 'not a host', `${host}(http = ["api.example.org"])${rest}`],
  [
    'secrets',
    'TOKEN',
    'does not say which secret goes to which host: write allow(secrets = ["TOKEN@api.example.org"])',
  ],
  [
    'secrets',
    'TOKEN@https://api.github.com/',
    'does not say which secret goes to which host: write allow(secrets = ["TOKEN@api.github.com"])',
  ],
  ['read', '/etc', `begins with "/": ${straight}`],
  ['write', 'public/../soul', `has "." or ".." in it: ${straight}`],
  ['write', 'clay.json', `holds the claw's own state or secrets, which no file may touch: ${straight}`],
  ['tools', '*', 'is no name of a tool: name each, without *'],
  ['permissions', 'chat', 'does not exist: write allow(permissions = ["chat.send"]), or "chat.read"'],
  ['permissions', 'memory', 'does not exist: write allow(permissions = ["memory.read"]), or "memory.write"'],
  ['permissions', 'tasks.list', 'does not exist: write allow(permissions = ["tasks.read"])'],
  ['permissions', 'llm.ask', 'does not exist: write allow(permissions = ["llm"])'],
  ['permissions', 'http', 'belongs into a list of its own: write allow(http = ["api.example.org"])'],
  ['permissions', 'secret', 'belongs into a list of its own: write allow(secrets = ["NAME@api.example.org"])'],
  ['permissions', 'shell', 'is nothing that a script can use: a plugin of TypeScript can'],
  ['permissions', 'call:tool:*', 'has a *: name each capability'],
  [
    'permissions',
    'root',
    'does not exist; there are memory.read, memory.write, soul.read, soul.write, tasks.read, tasks.write, chat.send, chat.read, llm',
  ],
];

for (const [list, entry, told] of wrong)
  test(`allow(${list} = [${JSON.stringify(entry)}]) is told with what to write`, () => {
    assert.equal(allowProblem(list, entry), `${list}: ${JSON.stringify(entry)} ${told}`);
  });

test('what a file may ask for is no problem', () => {
  const right: readonly (readonly [string, readonly string[]])[] = [
    ['http', ['*', '*.example.org', 'api.example.org']],
    ['secrets', ['TOKEN@api.example.org']],
    ['read', ['public', 'files/a/b.txt']],
    ['tools', ['web_search']],
    ['permissions', ['llm', 'chat.send', 'http:*', 'call:service:feeds.list']],
  ];
  for (const [list, entries] of right)
    for (const entry of entries) assert.equal(allowProblem(list, entry), null, entry);
});
