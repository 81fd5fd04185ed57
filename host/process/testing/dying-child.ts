import { createPluginStreamPort, openLine } from '@clay/sdk/wire';

/** Says that it is there; then, at the first word of the host, says that it has heard it, and dies. */
const line = createPluginStreamPort(openLine());
line.receive(() => {
  line.send({ type: 'ack', id: 'accepted' });
  process.kill(process.pid, 'SIGKILL');
});
line.send({ type: 'ack', id: 'there' });
