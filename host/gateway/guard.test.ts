import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Access, type Caller, isLocalName, judge } from './guard.ts';
import { createToken } from './token.ts';

const token = createToken('a-token-for-tests-only');
const nobody: Caller = {
  host: 'localhost:8080',
  origin: undefined,
  fetchSite: undefined,
  authorization: undefined,
  cookie: undefined,
};

function verdict(caller: Partial<Caller>, access: Access, isLoopback: boolean): string {
  const result = judge({ ...nobody, ...caller }, access, { isLoopback, isShared: false, token });
  return result.pass ? 'pass' : result.code;
}

const bearer = { authorization: 'Bearer a-token-for-tests-only' };
const cookie = { cookie: token.cookieValue };

test('on loopback a program chats without a token and controls only with it', () => {
  assert.equal(verdict({}, 'chat', true), 'pass');
  assert.equal(verdict({}, 'control', true), 'TOKEN_MISSING');
  assert.equal(verdict(bearer, 'control', true), 'pass');
  assert.equal(verdict(cookie, 'control', true), 'pass');
});

test('on a machine that others use loopback says nothing of who calls', () => {
  const shared = (caller: Partial<Caller>, access: Access) => {
    const result = judge({ ...nobody, ...caller }, access, { isLoopback: true, isShared: true, token });
    return result.pass ? 'pass' : result.code;
  };
  for (const access of ['chat', 'debug', 'page', 'control'] as const) {
    assert.equal(shared({}, access), 'TOKEN_MISSING', access);
    assert.equal(shared(bearer, access), 'pass', access);
  }
  assert.equal(shared({}, 'open'), 'pass');
});

test('beyond loopback chat and control want the token, as a header or as the cookie', () => {
  for (const access of ['chat', 'control', 'page'] as const) {
    assert.equal(verdict({ host: 'claw.example' }, access, false), 'TOKEN_MISSING');
    assert.equal(verdict({ host: 'claw.example', ...bearer }, access, false), 'pass');
    assert.equal(verdict({ host: 'claw.example', ...cookie }, access, false), 'pass');
  }
  assert.equal(verdict({ host: 'claw.example' }, 'open', false), 'pass');
});

test('a wrong token is refused even where none is needed', () => {
  assert.equal(verdict({ authorization: 'Bearer wrong' }, 'chat', true), 'TOKEN_WRONG');
  assert.equal(verdict({ authorization: 'Basic YTpi' }, 'chat', true), 'TOKEN_WRONG');
  assert.equal(verdict({ cookie: 'wrong' }, 'control', true), 'TOKEN_WRONG');
  assert.equal(verdict({ cookie: 'a-token-for-tests-only' }, 'control', true), 'TOKEN_WRONG');
});

test('a name that was rebound to this machine is refused, unless the token comes with it', () => {
  assert.equal(verdict({ host: 'evil.example:8080' }, 'chat', true), 'HOST_UNKNOWN');
  assert.equal(verdict({ host: undefined }, 'chat', true), 'HOST_UNKNOWN');
  assert.equal(verdict({ host: 'evil.example:8080', ...cookie }, 'control', true), 'HOST_UNKNOWN');
  assert.equal(verdict({ host: 'claw.example', ...bearer }, 'chat', true), 'pass');
});

test('a page of another site is refused, with the cookie too', () => {
  for (const origin of ['https://evil.example', 'http://localhost:3000', 'null', 'file://', 'garbage']) {
    assert.equal(verdict({ origin }, 'chat', true), 'ORIGIN_FOREIGN', origin);
    assert.equal(verdict({ origin, ...cookie }, 'control', false), 'ORIGIN_FOREIGN', origin);
    assert.equal(verdict({ origin }, 'login', false), 'ORIGIN_FOREIGN', origin);
  }
  assert.equal(verdict({ fetchSite: 'cross-site' }, 'chat', true), 'ORIGIN_FOREIGN');
  assert.equal(verdict({ fetchSite: 'same-site', ...cookie }, 'control', false), 'ORIGIN_FOREIGN');
});

test('a page of the claw itself may chat, and another site may link to the UI', () => {
  assert.equal(verdict({ origin: 'http://localhost:8080', fetchSite: 'same-origin' }, 'chat', true), 'pass');
  assert.equal(verdict({ fetchSite: 'none' }, 'chat', true), 'pass');
  assert.equal(verdict({ fetchSite: 'cross-site' }, 'page', true), 'pass');
});

test('local names are told from names that only look local', () => {
  for (const host of ['localhost', 'LOCALHOST:1', '127.0.0.1:80', '127.9.9.9', '[::1]:8081', 'claw.localhost:80']) {
    assert.equal(isLocalName(host), true, host);
  }
  for (const host of ['localhost.evil.example', '127.0.0.1.nip.io', '0.0.0.0', '', 'evil', '[::2]', '1127.0.0.1']) {
    assert.equal(isLocalName(host), false, host);
  }
});

test('a refusal names the header and the remedy', () => {
  const result = judge({ ...nobody, host: 'evil.example' }, 'chat', { isLoopback: true, isShared: false, token });
  assert.ok(!result.pass);
  assert.match(result.message, /header Host is "evil\.example"/);
  assert.match(result.message, /Authorization: Bearer TOKEN/);
});
