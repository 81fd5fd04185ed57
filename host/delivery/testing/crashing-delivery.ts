// Run as a child: a host on the volume `root` that takes one message and kills itself at `point`.
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { definePlugin, type PluginDefinition } from '@clay/sdk';
import type { Store } from '../../store/store.ts';
import { openDelivery } from './delivery-fixture.ts';

/** What the person says, and how its connector names it: it hands the message in again when it got no answer. */
export const message = { key: 'k1', text: '/count what=sheep\n/then\n/say that is all\n\nand good night' };

/** A tool that leaves a line for every run. */
export function counter(root: string, crashAt: (point: string) => void = () => undefined): PluginDefinition {
  return definePlugin({
    name: 'counter',
    setup(ctx) {
      ctx.prompt({
        name: 'counter',
        placement: 'message',
        render: () => {
          crashAt('the turn begins');
          return null;
        },
      });
      ctx.tool({
        name: 'count',
        description: 'Counts.',
        parameters: { type: 'object', properties: { what: { type: 'string' } } },
        run: () => {
          crashAt('the tool is called');
          appendFileSync(join(root, 'effects'), 'counted\n');
          crashAt('the tool has worked');
          return 'counted';
        },
      });
    },
  }) as PluginDefinition;
}

if (import.meta.main) {
  const [root = '', point = ''] = process.argv.slice(2);
  const crashAt = (name: string) => {
    if (name === point) process.kill(process.pid, 'SIGKILL');
  };
  /** Every method of a part of the store is a place to die, before it works and after. */
  const deadly = <T extends object>(target: T, part: string): T =>
    new Proxy(target, {
      get(_, name) {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]) => {
          crashAt(`before ${part}.${String(name)}`);
          const result: unknown = value.apply(target, args);
          crashAt(`after ${part}.${String(name)}`);
          return result;
        };
      },
    });
  const wrap = (store: Store): Store => ({
    ...store,
    inbox: deadly(store.inbox, 'inbox'),
    outbox: deadly(store.outbox, 'outbox'),
    transaction(work, how) {
      const result = store.transaction(work, how);
      crashAt(how?.full === true ? 'the message is accepted' : 'the answer is kept');
      return result;
    },
  });
  const host = await openDelivery(root, { plugins: [counter(root, crashAt)], wrap });
  host.channel.answer = async ({ key }) => {
    crashAt('the channel is called');
    appendFileSync(join(root, 'sent'), `${key}\n`);
    crashAt('the channel has sent');
    return { id: key };
  };
  await host.receive(message.text, { key: message.key });
  await host.told(3);
  await host.clock.advance(10_000);
  await host.stop();
}
