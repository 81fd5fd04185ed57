import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Browser, chromium, type Page } from 'playwright-core';
import { type Claw, startClaw } from '../claw.ts';
import { systemClock } from '../clock.ts';
import { loadConfig } from '../config/load.ts';
import { createLog } from '../log.ts';
import { findComponent } from './testing/component.ts';

/** The real claw, with the offline model, in the real browser. */
const chrome = findComponent('chromium', 'CHROMIUM', 'chromium');
const ui = findComponent('adk-web-ui', 'CLAY_DEV_UI');
const needsBrowser = { skip: chrome.skip };
const needsUi = { skip: chrome.skip || ui.skip };

const root = mkdtempSync(join(tmpdir(), 'clay-browser-'));
const reboundName = 'rebound.example';
let claw: Claw;
let browser: Browser;
let stranger: Server;

before(async () => {
  if (chrome.skip !== false) return;
  assert.ok(chrome.path, 'chromium is required: set CHROMIUM');
  claw = await startTestClaw({ CLAY_ROOT: root });
  stranger = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<title>stranger</title>');
  });
  await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
  browser = await chromium.launch({
    executablePath: chrome.path,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      // No traffic leaves the machine; one name is rebound to it, as an attacker's DNS would do.
      `--host-resolver-rules=MAP ${reboundName} 127.0.0.1,MAP * ~NOTFOUND,EXCLUDE 127.0.0.1,EXCLUDE localhost`,
    ],
  });
});

after(async () => {
  if (chrome.skip !== false) return;
  await browser?.close();
  stranger?.close();
  await claw?.stop();
  rmSync(root, { recursive: true });
});

function startTestClaw(variables: Readonly<Record<string, string>>): Promise<Claw> {
  const env = { ...process.env, CLAY_PORT: '0', ADK_PORT: '0', ...variables };
  const { config } = loadConfig({ env, defaultRoot: root, isTerminal: false });
  const write = (line: string) => process.stderr.write(`${line}\n`);
  const log = createLog({ level: 'error', format: 'json', write, clock: systemClock });
  return startClaw(config, env, '1.2.3', log, {
    begin: () => ({ death: 'none', upMs: 0, diedAt: 0 }),
    services: { want: () => undefined },
  });
}

/** What went wrong in the page, and what it asked of other servers. */
function watch(page: Page): string[] {
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('request', (request) => {
    if (/^https?:\/\/(?!127\.0\.0\.1:)/.test(request.url())) problems.push(`asked ${request.url()}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 500) problems.push(`${response.status()} ${response.url()}`);
  });
  return problems;
}

test(
  'the ADK web UI creates a session, sends a message, and shows tool calls, events and traces',
  needsUi,
  async () => {
    assert.ok(ui.path, 'the ADK web UI is required: set CLAY_DEV_UI');
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    const problems = watch(page);
    await page.goto(`${claw.urls.adkUrl}/dev-ui/?app=clay`);
    const input = page.locator('textarea').first();
    await input.fill('remember that my cat is called Miso');
    await input.press('Enter');
    await page.getByText('Stored: my cat is called Miso').first().waitFor();
    await page.getByText('memory', { exact: false }).first().waitFor();
    const sessions = claw.agentHost.sessions.list('clay', 'user');
    assert.equal(sessions.length, 1);

    await page.getByText('Traces', { exact: true }).first().click();
    await page.getByText('call_llm').first().waitFor();
    const screenshot = process.env.CLAY_SCREENSHOT;
    if (screenshot) await page.screenshot({ path: screenshot });

    await page.reload();
    await page.getByText('Events', { exact: true }).first().click();
    await page.getByText('Stored: my cat is called Miso').first().waitFor();
    assert.deepEqual(problems, []);
    await page.close();
  },
);

test('beyond loopback a person logs in with the token and then uses the UI on the public port', needsUi, async () => {
  const open = await startTestClaw({
    CLAY_HOST: '0.0.0.0',
    CLAY_ROOT: join(root, 'open'),
    CLAY_TOKEN: 'the-token-of-this-test',
  });
  try {
    const page = await browser.newPage();
    const problems = watch(page);
    await page.goto(`${open.urls.publicUrl}/dev-ui/?app=clay`);
    assert.equal(new URL(page.url()).pathname, '/login');
    await page.getByLabel('Token').fill('a wrong one');
    await page.getByRole('button').click();
    await page.getByText('This is not the claw’s token').waitFor();
    await page.getByLabel('Token').fill('the-token-of-this-test');
    await page.getByRole('button').click();
    await page.waitForURL(/\/dev-ui\//);
    const input = page.locator('textarea').first();
    await input.fill('add task water the plants');
    await input.press('Enter');
    await page.getByText('water the plants').nth(1).waitFor();
    assert.equal(open.agentHost.sessions.list('clay', 'user').length, 1);
    assert.equal(await page.evaluate('document.cookie'), '', 'no script can read the cookie');
    assert.deepEqual(problems, []);
    await page.close();
  } finally {
    await open.stop();
  }
});

test('a login leads to a page of this claw only, whatever address it was given', needsBrowser, async () => {
  const token = 'the-token-of-this-test';
  const open = await startTestClaw({
    CLAY_HOST: '0.0.0.0',
    CLAY_ROOT: join(root, 'login'),
    CLAY_TOKEN: token,
  });
  try {
    for (const next of ['//evil.example/', '/\\evil.example/', 'https://evil.example/', 'javascript:alert(1)']) {
      const page = await browser.newPage();
      await page.goto(`${open.urls.publicUrl}/login?next=${encodeURIComponent(next)}`);
      await page.getByLabel('Token').fill(token);
      await page.getByRole('button').click();
      await page.waitForURL(`${open.urls.publicUrl}/dev-ui/**`);
      await page.close();
    }
  } finally {
    await open.stop();
  }
});

test('a page of another site can neither chat nor read, whatever it sends', needsBrowser, async () => {
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${(stranger.address() as AddressInfo).port}/`);
  const attempts = [
    { headers: { 'content-type': 'application/json' } },
    { headers: { 'content-type': 'text/plain' }, mode: 'no-cors' as const },
    { mode: 'no-cors' as const, credentials: 'include' as const },
  ];
  for (const url of [claw.urls.publicUrl, claw.urls.adkUrl]) {
    for (const attempt of attempts) {
      const outcome = await page.evaluate(
        async ([target, options]) => {
          try {
            const body = JSON.stringify({ text: 'remember that the stranger was here', user_id: 'stranger' });
            const answer = await fetch(`${target}/msg`, { method: 'POST', body, ...options });
            return `${answer.type} ${await answer.text()}`;
          } catch {
            return 'blocked';
          }
        },
        [url, attempt] as const,
      );
      assert.ok(outcome === 'blocked' || outcome === 'opaque ', outcome);
    }
  }
  assert.deepEqual(claw.agentHost.sessions.list('clay', 'stranger'), [], 'no message arrived');
  await page.close();
});

test(
  'a name that was rebound to this machine gets nothing, although the browser takes it for its own site',
  needsBrowser,
  async () => {
    const page = await browser.newPage();
    const rebound = claw.urls.adkUrl.replace('127.0.0.1', reboundName);
    const shown = await page.goto(`${rebound}/dev-ui/`);
    assert.ok(shown);
    assert.equal(shown.status(), 403);
    assert.equal((await shown.json()).code, 'HOST_UNKNOWN');
    const fetching = page.evaluate(async (target) => (await fetch(`${target}/list-apps`)).text(), rebound);
    await assert.rejects(fetching, /Failed to fetch/, 'the page of the refusal may not even ask again');
    await page.close();
  },
);
