import type { Attack } from '../attack.ts';
import type { Lab } from '../lab.ts';

/** A program that sends a request and prints the status of the answer. */
const request = (url: string, options: string) =>
  `const answer = await fetch(${JSON.stringify(url)}, ${options}); console.log('status=' + answer.status);`;

const json = `method: 'POST', headers: { 'content-type': 'application/json' }`;

/** Control routes that an attacker would want, read only, so that nothing is changed by the trial. */
const controlUrl = (lab: Lab) => `${lab.claw.url}/api/admin/questions`;

/** The claw’s own doors, from inside. */
export const doorAttacks: readonly Attack[] = [
  {
    action: 'use control routes: deploy, roll back, approve, answer a question that waits for a person',
    outcomes: { off: 'impossible', ask: 'a yes', plain: 'possible', hardened: 'impossible' },
    because: 'they want the control token always; whoever reads the host’s files reads it',
    ways: {
      'by the shell, with the token from its file': async (lab) =>
        (
          await lab.program(
            `import { readFileSync } from 'node:fs';
             const token = readFileSync('${lab.root}/data/token', 'utf8').trim();
             ${request(controlUrl(lab), "{ headers: { authorization: 'Bearer ' + token } }")}`,
          )
        ).includes('status=200'),
      'by the shell, without a token': async (lab) =>
        (await lab.program(request(controlUrl(lab), '{}'))).includes('status=200'),
      'by the shell, answering a question': async (lab) =>
        (await lab.program(request(`${controlUrl(lab)}/1`, `{ ${json}, body: '{"choice":"yes"}' }`))).includes(
          'status=200',
        ),
      'by web tools': async (lab) => (await lab.tool('web_fetch', { url: controlUrl(lab) })).includes('[]'),
      'by a script': async (lab) =>
        !(await lab.script(`return "got=" + http_get(${JSON.stringify(controlUrl(lab))})`)).includes('got=ERROR'),
    },
  },
  {
    action: 'speak to the claw as a person over loopback',
    outcomes: { off: 'impossible', ask: 'a yes', plain: 'possible', hardened: 'impossible' },
    because:
      'chat routes are open on loopback unless the machine is shared with a second user; web tools reach no loopback',
    ways: {
      'by the shell': async (lab) =>
        (
          await lab.program(
            request(`${lab.claw.publicUrl}/msg`, `{ ${json}, body: '{"text":"help","user_id":"owner"}' }`),
          )
        ).includes('status=200'),
      'by the shell, on the other port': async (lab) =>
        (await lab.program(request(`${lab.claw.url}/list-apps`, '{}'))).includes('status=200'),
      'by a script': async (lab) =>
        !(
          await lab.script(
            `return "got=" + http_post(${JSON.stringify(`${lab.claw.publicUrl}/msg`)}, '{"text":"help"}')`,
          )
        ).includes('got=ERROR'),
    },
  },
  {
    action: 'attack the browser of whoever is logged in by the public page',
    outcomes: { off: 'impossible', ask: 'impossible', plain: 'impossible', hardened: 'impossible' },
    because: 'the page has an origin of its own (sandbox): no cookie, and its requests are refused',
    ways: {
      'by a script that is served with the claw’s origin': async (lab) => {
        const files = {
          'evil.html': '<script>fetch("/msg")</script>',
          'evil.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
        };
        let isOwnOrigin = false;
        for (const [name, content] of Object.entries(files)) {
          await lab.tool('write', { path: `public/${name}`, content });
          const { status, headers } = await fetch(`${lab.claw.publicUrl}/${name}`);
          const policy = headers.get('content-security-policy') ?? '';
          isOwnOrigin ||= status !== 200 || !/^sandbox /.test(policy) || policy.includes('allow-same-origin');
        }
        return isOwnOrigin;
      },
      'by requests of that page': async (lab) => {
        let isServed = false;
        for (const url of [`${lab.claw.publicUrl}/msg`, `${lab.claw.url}/run`, controlUrl(lab)]) {
          const headers = { 'content-type': 'application/json', origin: 'null', 'sec-fetch-site': 'cross-site' };
          const answer = await fetch(url, { method: 'POST', headers, body: '{"text":"help"}' });
          isServed ||= answer.status === 200;
        }
        return isServed;
      },
    },
  },
];
