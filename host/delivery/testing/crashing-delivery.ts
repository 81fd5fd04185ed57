// Run as a child: a host on the volume `root` that takes one message and kills itself at `point`.
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { definePlugin, type Json, type PluginDefinition } from '@clay/sdk';
import type { Store } from '../../store/store.ts';
import { type DeliveryFixture, openDelivery } from './delivery-fixture.ts';

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

/** What the person answers to {@link ask}. */
export const reply = { key: 'r1', text: 'yes' };

/** Asks a person, as a plugin does that knows its call again. */
export async function ask(host: DeliveryFixture): Promise<Json> {
  await host.call('service:chat.main', { channel: 'fake', chat: 'c1' });
  const choices = ['yes', 'no'].map((id) => ({ id, label: id }));
  const args = { question: 'Wipe?', choices };
  return host.kernel.router.call({ capability: 'service:chat.ask', args, caller: 'plugin:wiper', key: 'wiper k' });
}

/** Tells the points of a life, of which one may be its end. */
type CrashAt = (point: string) => void;

/** A store whose every step for chats is a place to die, before it works and after. */
function deadlyStore(store: Store, crashAt: CrashAt): Store {
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
  return {
    ...store,
    inbox: deadly(store.inbox, 'inbox'),
    outbox: deadly(store.outbox, 'outbox'),
    questions: deadly(store.questions, 'questions'),
    transaction(work, how) {
      const result = store.transaction(work, how);
      crashAt(how?.full === true ? 'the message is accepted' : 'the answer is kept');
      return result;
    },
  };
}

if (import.meta.main) {
  const [root = '', point = '', scenario] = process.argv.slice(2);
  const crashAt: CrashAt = (name) => {
    if (name === point) process.kill(process.pid, 'SIGKILL');
  };
  const plugins = [counter(root, crashAt)];
  const host = await openDelivery(root, { plugins, wrap: (store) => deadlyStore(store, crashAt) });
  host.channel.answer = async ({ key }) => {
    crashAt('the channel is called');
    appendFileSync(join(root, 'sent'), `${key}\n`);
    crashAt('the channel has sent');
    return { id: key };
  };
  const asking = scenario === 'ask' ? ask(host) : host.receive(message.text, { key: message.key });
  await host.told(3);
  if (scenario === 'ask') await host.receive(reply.text, { key: reply.key });
  await asking;
  await host.clock.advance(10_000);
  await host.stop();
}
