import type { News } from '../medic/generations/medic.ts';
import { EventStream } from './event-stream.ts';
import type { App, Reply } from './fastify.ts';
import type { GatewayParts } from './parts.ts';

/** News that wait for a client that reads slowly; one that is further behind is cut off, and comes back for what is new. */
const maxWaiting = 1000;

/** `GET /api/admin/news`: every change of a generation as it happens, until the client goes or the host stops. */
export function addNewsRoute(app: App, { medic, clock }: GatewayParts): void {
  const open = new Set<EventStream>();
  // A stream that never ends by itself would hold up the end of the listener.
  app.addHook('preClose', async () => {
    for (const stream of open) stream.end();
  });

  app.get(
    '/api/admin/news',
    { config: { access: 'debug', about: 'Changes of generations and words of the medic, as an event stream.' } },
    (_request, reply) => follow(reply),
  );

  async function follow(reply: Reply): Promise<void> {
    const stream = new EventStream(reply, clock);
    const { closed } = stream;
    const waiting: News[] = [];
    let wake = (): void => {};
    const remove = medic.onNews((news) => {
      waiting.push(news);
      if (waiting.length > maxWaiting) stream.end();
      wake();
    });
    closed.addEventListener('abort', () => wake(), { once: true });
    open.add(stream);
    try {
      while (!closed.aborted) {
        const news = waiting.shift();
        if (news !== undefined) await stream.send(news);
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      remove();
      open.delete(stream);
      stream.end();
    }
  }
}
