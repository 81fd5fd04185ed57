import { once } from 'node:events';
import { systemClock } from '../../clock.ts';
import { createLog } from '../../log.ts';
import type { Command } from '../command.ts';

export const buildService: Command = {
  usage: '',
  help: `
Builds and checks plugins over HTTP until it is told to stop: POST /build and POST /check take a tar.gz of a plugin's
folder, GET /health answers ok. A claw uses it when its BUILD_SERVICE_URL names it.

  BUILD_ADDR   HOST:PORT; :PORT means 127.0.0.1. Default :9090
  BUILD_TOKEN  one or more tokens, separated by commas; needed beyond loopback

  tar cz -C my-plugin . | curl --data-binary @- http://127.0.0.1:9090/build
`,
  options: {},
  maxArgs: 0,
  async run({ env, terminal }) {
    const { runBuildService } = await import('../../builder/service/run-build-service.ts');
    const format = terminal.isOutputTerminal ? 'text' : 'json';
    const log = createLog({ level: 'info', format, write: (line) => terminal.printError(line), clock: systemClock });
    const stopped = Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
    const service = await runBuildService(env, systemClock, log);
    terminal.print(`clay build service at ${service.url}`);
    await stopped;
    await service.close();
    return 0;
  },
};
