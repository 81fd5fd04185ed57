import { createInterface } from 'node:readline';
import { makeEvent, type Script } from '../gateway/testing/fake-agent-host.ts';
import { createFixture } from '../gateway/testing/gateway-fixture.ts';
import { residentMb } from './resident-memory.ts';

/**
 * A gateway in a process of its own, over an agent that says a word when it is told to. Reads `tick USER` and `memory` from
 * its standard input; the word is the time at which it was handed over.
 */
const waiting = new Map<string, () => void>();

const script: Script = async function* (request, turn) {
  for (;;) {
    const { promise, resolve } = Promise.withResolvers<void>();
    waiting.set(request.user, resolve);
    await promise;
    yield makeEvent(turn.id, [{ text: String(performance.timeOrigin + performance.now()) }]);
  }
};

const { gateway, agentHost } = await createFixture();
agentHost.script = script;
const { publicUrl } = await gateway.listen();
console.log(publicUrl);

for await (const line of createInterface(process.stdin)) {
  const [verb, user = ''] = line.split(' ');
  if (verb === 'memory') {
    globalThis.gc?.();
    console.log(residentMb(process.pid));
  } else waiting.get(user)?.();
}
process.exit(0);
