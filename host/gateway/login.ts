import { createHash } from 'node:crypto';
import type { Clock } from '@clay/sdk';
import { z } from '../schema.ts';
import type { Entrance } from './entrance.ts';
import type { App, Reply, Request } from './fastify.ts';
import { isLocalName } from './guard.ts';
import { parseBody } from './parse-body.ts';
import { Refusal } from './refusal.ts';
import type { Token } from './token.ts';

const loginRequest = z.object({ token: z.string() });

const cookieSeconds = 30 * 24 * 60 * 60;

const script = `
const form = document.querySelector('form');
form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const token = new FormData(form).get('token').trim();
  const answer = await fetch('login', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
  });
  if (answer.ok) {
    const next = new URLSearchParams(location.search).get('next') ?? '/dev-ui/';
    location.href = /^\\/(?![\\/\\\\])/.test(next) ? next : '/dev-ui/';
    return;
  }
  document.querySelector('output').textContent = (await answer.json()).error;
});
`;

const style = `
body { font: 16px/1.5 system-ui, sans-serif; max-width: 28rem; margin: 15vh auto; padding: 0 1rem; color-scheme: light dark; }
input, button { font: inherit; padding: 0.4rem 0.6rem; }
output { display: block; margin-top: 1rem; color: #c5221f; }
`;

const page = `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Clay: log in</title>
<style>${style}</style>
<h1>Clay</h1>
<form><label>Token <input name="token" type="password" autocomplete="current-password" required autofocus></label>
<button>Log in</button><output></output></form>
<p>The token is CLAY_TOKEN, or stands in <code>data/token</code> of the claw.</p>
<script>${script}</script></html>
`;

const policy = `default-src 'none'; connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'; script-src '${hash(script)}'; style-src '${hash(style)}'`;

/** A browser cannot send `Authorization` by itself: it trades the token for a cookie. */
export function addLoginRoutes(app: App, token: Token, entrance: Entrance, clock: Clock): void {
  app.get('/login', { config: { access: 'open', about: 'A page that asks for the token.' } }, (_request, reply) =>
    reply.header('content-security-policy', policy).type('text/html; charset=utf-8').send(page),
  );

  app.post(
    '/login',
    { config: { access: 'login', about: 'Trades the token for a cookie.', body: loginRequest } },
    async (request, reply) => {
      const given = parseBody(loginRequest, request.body);
      const claims = await entrance.readClaims(request, given.token);
      if (claims !== null) {
        const seconds = Math.floor((claims.expiresAt - clock.now()) / 1000);
        setCookie(request, reply, token.sessionCookieName, given.token, Math.max(0, seconds));
        return {};
      }
      if (!token.isBearer(`Bearer ${given.token}`)) {
        const message = 'This is not the claw’s token. It is CLAY_TOKEN, or stands in data/token.';
        return entrance.refuse(request, new Refusal('TOKEN_WRONG', message));
      }
      setCookie(request, reply, token.cookieName, token.cookieValue, cookieSeconds);
      return {};
    },
  );

  app.post('/logout', { config: { access: 'login', about: 'Forgets the cookie.' } }, (request, reply) => {
    setCookie(request, reply, token.cookieName, '', 0);
    setCookie(request, reply, token.sessionCookieName, '', 0);
    return {};
  });

  function setCookie(request: Request, reply: Reply, name: string, value: string, maxAge: number): void {
    reply.setCookie(name, value, {
      httpOnly: true,
      sameSite: 'strict',
      path: '/',
      maxAge,
      secure: !isLocalName(request.headers.host) && request.headers['x-forwarded-proto'] === 'https',
    });
  }
}

function hash(source: string): string {
  return `sha256-${createHash('sha256').update(source).digest('base64')}`;
}
