import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { App } from './fastify.ts';

export interface WebUiOptions {
  readonly folder: string;
  /** Prefix of the ADK API on this listener, as the browser sees it. */
  readonly backendUrl: string;
}

const prefixes = ['/dev-ui', '/ui'];

/**
 * The UI is an Angular application with inline styles. Everything else comes from here: an image in an answer of the model
 * must not be able to carry what was said to another server.
 */
const policy =
  "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; worker-src 'self' blob:; style-src 'self' 'unsafe-inline'; font-src 'self' data:; img-src 'self' data: blob:; media-src 'self' data: blob:; connect-src 'self' data: blob:; form-action 'none'; frame-ancestors 'none'";

const absentPage = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Clay: no web UI</title>
<h1>The ADK web UI is not installed</h1>
<p>Add it with this command in Clay’s folder, then load this page again after a restart:</p>
<pre>node host/gateway/fetch-ui.mjs</pre>
<p>Chat works without it: <code>clay chat</code>, <code>POST /msg</code>, and the API at <a href="/api/docs">/api/docs</a>.</p></html>
`;

/** The ADK's own web UI at `/dev-ui/` and `/ui/`, when its static files are there. */
export function addWebUi(app: App, options: WebUiOptions): void {
  const isPresent = existsSync(join(options.folder, 'index.html'));
  for (const prefix of prefixes) {
    const config = { access: 'page', about: 'The ADK web UI.' } as const;
    app.get(`${prefix}/assets/config/runtime-config.json`, { config }, () => ({ backendUrl: options.backendUrl }));
    app.get<{ Params: { '*'?: string } }>(`${prefix}/*`, { config }, (request, reply) => {
      const file = request.params['*'] ?? '';
      reply.header('content-security-policy', policy);
      if (!isPresent) return reply.code(404).type('text/html; charset=utf-8').send(absentPage);
      return reply.sendFile(file === '' ? 'index.html' : file, options.folder);
    });
    app.get(prefix, { config }, (_request, reply) => reply.redirect(`${prefix}/`));
  }
}
