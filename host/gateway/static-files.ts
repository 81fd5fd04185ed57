import type { App } from './fastify.ts';

/** `reply.sendFile(path, folder)`, with ranges and ETags; nothing is served by it alone. */
export async function addStaticFiles(app: App): Promise<void> {
  const { default: staticFiles } = await import('@fastify/static');
  await app.register(staticFiles, { serve: false, dotfiles: 'deny', index: false });
}
