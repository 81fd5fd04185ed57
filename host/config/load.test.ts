import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { addToList, parseClayJson, removeFromList } from './clay-json.ts';
import { ConfigError } from './config-error.ts';
import { type Environment, loadConfig } from './load.ts';
import { clayJsonTemplate } from './template.ts';

function load(env: Environment = {}, clayJson?: string) {
  const root = mkdtempSync(join(tmpdir(), 'clay-config-'));
  if (clayJson !== undefined) writeFileSync(join(root, 'clay.json'), clayJson);
  return loadConfig({ env: { CLAY_ROOT: root, ...env }, defaultRoot: '/nowhere', isTerminal: false });
}

function problems(env: Environment, clayJson?: string): string {
  try {
    load(env, clayJson);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.message;
  }
  throw new Error('the configuration was accepted');
}

test('nothing set gives the offline model on loopback with the documented defaults', () => {
  const { config, origins } = load();
  assert.deepEqual(config.model, { provider: 'offline' });
  assert.deepEqual(config.server, { host: '127.0.0.1', port: 8080, adkPort: 8081, token: null, origins: [] });
  assert.equal(config.limits.maxLlmCalls, 40);
  assert.equal(config.shell, 'ask');
  assert.equal(origins.port, 'default');
});

test('a key alone chooses its provider, and the default model follows the endpoint', () => {
  const zai = load({ ANTHROPIC_API_KEY: 'k' }).config.model;
  assert.ok(zai.provider === 'anthropic');
  assert.deepEqual([zai.model, zai.baseUrl, zai.keyStyle], ['glm-5', 'https://api.z.ai/api/anthropic', 'key']);
  const claude = load({ ANTHROPIC_AUTH_TOKEN: 't', ANTHROPIC_API_BASE: 'https://api.anthropic.com/' }).config.model;
  assert.ok(claude.provider === 'anthropic');
  assert.match(claude.model, /^claude-/);
  assert.equal(claude.keyStyle, 'bearer');
  assert.equal(load({ GEMINI_API_KEY: 'g' }).config.model.provider, 'gemini');
});

test('a provider asked for by name without its key is an error, never silently offline', () => {
  assert.match(problems({ MODEL_PROVIDER: 'anthropic' }), /ANTHROPIC_API_KEY: is needed because MODEL_PROVIDER/);
  assert.match(problems({ MODEL_PROVIDER: 'gemini' }), /GOOGLE_API_KEY: is needed/);
});

test('everything wrong is told at once, each with its name, its value and its meaning', () => {
  const text = problems({ CLAY_PORT: '99999', CLAY_SHELL: 'maybe', MODEL_PROVIDER: 'openai' });
  assert.match(text, /CLAY_PORT: .*99999/);
  assert.match(text, /CLAY_SHELL: .*maybe/);
  assert.match(text, /MODEL_PROVIDER: .*openai/);
});

test('the value of a secret never stands in a message', () => {
  assert.doesNotMatch(problems({ ANTHROPIC_API_KEY: 'sk-secret', CLAY_THINKING_TOKENS: '5' }), /sk-secret/);
});

test('environment wins over clay.json, and both are told as origins', () => {
  const { config, origins } = load(
    { CLAY_PORT: '0' },
    '{ "server": { "port": 1234, "adkPort": 4321 }, "shell": "off" }',
  );
  assert.equal(config.server.port, 0);
  assert.equal(config.server.adkPort, 4321);
  assert.equal(config.shell, 'off');
  assert.deepEqual([origins.port, origins.adkPort], ['environment CLAY_PORT', 'clay.json']);
});

test('an unknown key of clay.json is refused with the nearest one that exists', () => {
  assert.match(
    problems({}, '{ "server": { "prot": 1 } }'),
    /server\.prot: is not a setting .*did you mean server\.port\?/,
  );
});

test('a syntax error of clay.json names its line and column', () => {
  assert.match(problems({}, '{\n  "shell": on\n}'), /clay\.json:2:\d+: is not valid JSON/);
});

test('a secret in clay.json is refused, since the file is not a place for secrets', () => {
  assert.match(problems({}, '{ "server": { "token": "x" } }'), /server\.token: is not a setting/);
});

test('a misspelt CLAY_ variable is a warning with a suggestion', () => {
  assert.match(load({ CLAY_PROT: '1' }).warnings[0]!.message, /did you mean CLAY_PORT/);
});

test('the template laid out for a new claw is valid and changes nothing', () => {
  const template = clayJsonTemplate();
  assert.deepEqual(parseClayJson(template, 'clay.json', []).problems, []);
  assert.deepEqual(load({}, template).config.limits, load().config.limits);
});

test('every line of the template can be uncommented', () => {
  const uncommented = clayJsonTemplate()
    .split('\n')
    .map((line) => line.replace(/^(\s*)\/\/ (\s*)(?=["}])/, '$1$2'))
    .join('\n');
  assert.deepEqual(load({}, uncommented).config.limits, load().config.limits);
});

test('keys that JavaScript would drop are refused with their place', () => {
  const told = problems({}, '{\n  "__proto__": { "shell": "on" },\n  "shell": "off", // never\n  "shell": "on",\n}');
  assert.match(told, /clay\.json:2:3: the key "__proto__" is not allowed/);
  assert.match(told, /clay\.json:4:3: shell stands here a second time/);
  assert.match(problems({}, '{"plugins": {"__proto__": {}}}'), /clay\.json:1:14: the key "__proto__"/);
  const { config } = load({}, '{"plugins": {"a": {"x": 1}, "b": {"x": [{"y": 1}, {"y": 2}]}}}');
  assert.deepEqual(Object.keys(config.plugins), ['a', 'b']);
});

test('a syntax error is told in words with its place', () => {
  assert.match(problems({}, '{ "shell": '), /clay\.json:1:\d+: is not valid JSON: value expected/);
});

test('a ceiling that names no permission is refused with what is known', () => {
  assert.match(
    problems({}, '{ "ceilings": { "feeds": ["http:*", "root"] } }'),
    /ceilings in clay\.json: feeds\.1: The permission "root" does not exist; known are http, /,
  );
  const { ceilings, overrides } = load({}, '{ "ceilings": { "feeds": ["shell"] }, "overrides": ["files"] }').config;
  assert.deepEqual([ceilings.feeds, overrides], [['shell'], ['files']]);
  assert.deepEqual(load().config.overrides, []);
});

test('texts are added to a list of clay.json without touching its comments or what it holds already', () => {
  const add = (text: string, ...added: string[]) => addToList(text, ['ceilings', 'feeds'], added);
  const text = '{\n  "ceilings": {\n    // why\n    "feeds": ["http:*", // yes\n    ],\n  },\n  // end\n}\n';
  const edited = add(text, 'http:*', 'llm', 'shell', 'llm');
  for (const comment of ['// why', '// yes', '// end']) assert.ok(edited.includes(comment), edited);
  const ceilings = (of: string) => parseClayJson(of, 'clay.json', ['ceilings', 'shell']).values.get('ceilings');
  assert.deepEqual(ceilings(edited), { feeds: ['http:*', 'llm', 'shell'] });
  assert.equal(add(edited, 'shell'), edited);
  for (const other of ['', '{}', '{ "shell": "off", }', clayJsonTemplate(), '{"ceilings": {"other": []}}']) {
    const made = add(other, 'llm');
    assert.deepEqual((ceilings(made) as { feeds: string[] }).feeds, ['llm'], made);
    for (const line of other.match(/\/\/.*$/gm) ?? []) assert.ok(made.includes(line), line);
  }
});

test('texts are taken out of a list of clay.json, wherever they stand in it, and its comments stay', () => {
  const text = '{ "ceilings": { "feeds": [\n  "a", // first\n  "b",\n  // about c\n  "c",\n] } }';
  const remove = (...removed: string[]) => removeFromList(text, ['ceilings', 'feeds'], removed);
  const left = (of: string) =>
    (parseClayJson(of, 'clay.json', ['ceilings']).values.get('ceilings') as { feeds: string[] }).feeds;
  for (const [removed, expected] of [
    [['a'], ['b', 'c']],
    [['b'], ['a', 'c']],
    [['c'], ['a', 'b']],
    [['c', 'a'], ['b']],
    [['a', 'b', 'c'], []],
  ] as const)
    assert.deepEqual(left(remove(...removed)), expected, remove(...removed));
  assert.equal(remove('none'), text);
  assert.equal(removeFromList(text, ['ceilings', 'other'], ['a']), text);
  assert.match(remove('b'), /\/\/ first[\s\S]*\/\/ about c/);
});

test('the bot, its chat and its people come from the environment; ids may be numbers in the file', () => {
  const { telegram } = load({ TELEGRAM_BOT: '1:a', TELEGRAM_CHAT_ID: '-100', TELEGRAM_ALLOWED_USERS: '5, 7' }).config;
  assert.deepEqual(telegram, { token: '1:a', chatId: '-100', allowedUsers: ['5', '7'], connector: 'telegram' });
  const file = '{"telegram": {"chatId": 5001, "allowedUsers": [5001, "7"]}}';
  const { chatId, allowedUsers, token } = load({}, file).config.telegram;
  assert.deepEqual([chatId, allowedUsers, token], ['5001', ['5001', '7'], null]);
  assert.match(problems({ TELEGRAM_CHAT_ID: '@ada' }), /TELEGRAM_CHAT_ID: .*must be a number.*"@ada"/);
  assert.match(problems({}, '{"telegram": {"token": "1:a"}}'), /token/);
});

test('Matterbridge carries the chat where its program is found, unless the operator says otherwise', () => {
  const folder = mkdtempSync(join(tmpdir(), 'clay-path-'));
  const connector = (env: Environment) => load(env).config.telegram.connector;
  assert.equal(connector({ PATH: folder }), 'telegram');
  writeFileSync(join(folder, 'matterbridge'), '');
  assert.equal(connector({ PATH: `/nowhere:${folder}` }), 'matterbridge');
  assert.equal(connector({ MATTERBRIDGE_BIN: '/opt/matterbridge' }), 'matterbridge');
  assert.equal(connector({ PATH: folder, CHAT_CONNECTOR: 'telegram' }), 'telegram');
  assert.equal(connector({ CHAT_CONNECTOR: 'matterbridge' }), 'matterbridge');
});

test('a private server is opened to a plugin by its address, and to nobody without one', () => {
  const { privateOrigins } = load({}, '{"privateOrigins": {"research": ["http://searxng:8080"]}}').config;
  assert.deepEqual(privateOrigins, { research: ['http://searxng:8080'] });
  assert.deepEqual(load().config.privateOrigins, {});
  assert.match(problems({}, '{"privateOrigins": {"research": ["searxng"]}}'), /privateOrigins/);
  assert.match(problems({}, '{"privateOrigins": ["http://searxng"]}'), /privateOrigins/);
});

test('a claw has to do with the platform where it is named, or where a key or an id is set for it', () => {
  assert.deepEqual(load().config.platform, { baseUrl: null, agentId: null });
  const { config } = load({ GATHER_PRIVATE_KEY: 'key-of-the-claw' });
  assert.deepEqual(config.platform, { baseUrl: 'https://gather.is', agentId: null });
  assert.equal(config.identity.privateKey, 'key-of-the-claw');
  assert.equal(load({ GATHER_AGENT_ID: 'a1' }).config.platform.baseUrl, 'https://gather.is');
  const own = '{ "platform": { "baseUrl": "https://other.example/", "agentId": "a2" } }';
  assert.deepEqual(load({}, own).config.platform, { baseUrl: 'https://other.example', agentId: 'a2' });
  assert.match(problems({ GATHER_BASE_URL: 'ftp://gather.is' }), /GATHER_BASE_URL/);
});

test('the time between heartbeats comes from where the original took it, and a wrong one is told', () => {
  assert.deepEqual(load().config.heartbeat, { interval: null });
  assert.deepEqual(load({ HEARTBEAT_INTERVAL: '1h30m' }).config.heartbeat, { interval: '1h30m' });
  assert.deepEqual(load({}, '{"heartbeat": {"interval": "0"}}').config.heartbeat, { interval: '0' });
  assert.match(problems({ HEARTBEAT_INTERVAL: 'often' }), /HEARTBEAT_INTERVAL.*duration/);
});

test('MCP servers get exactly the variables that the operator names for them', () => {
  const env = { GITHUB_TOKEN: 'g', OTHER: 'o', EMPTY: '', ANTHROPIC_API_KEY: 'k' };
  const section =
    '{ "plugins": { "mcp": { "variables": ["OTHER"], "servers": { "github": { "command": "x", "env": ["GITHUB_TOKEN", "EMPTY", "UNSET"] }, "web": { "url": "https://a.example" } } } } }';
  assert.deepEqual(load(env, section).config.mcp, { variables: { GITHUB_TOKEN: 'g', OTHER: 'o' } });
  assert.deepEqual(load(env).config.mcp, { variables: {} });
  assert.deepEqual(load(env, '{ "plugins": { "mcp": { "servers": 5 } } }').config.mcp, { variables: {} });
});

test('shells that wait for a yes are one thing, by whichever setting', () => {
  const of = (text: string) => {
    const { shell, approvals } = load({}, text).config;
    return [shell, approvals];
  };
  assert.deepEqual(of('{ "shell": "ask", "approvals": ["post"] }'), ['ask', ['shell', 'post']]);
  assert.deepEqual(of('{ "shell": "on", "approvals": ["post", "shell"] }'), ['ask', ['shell', 'post']]);
  assert.deepEqual(of('{ "shell": "off", "approvals": ["shell"] }'), ['off', ['shell']]);
  assert.deepEqual(of('{ "shell": "on" }'), ['on', []]);
});
