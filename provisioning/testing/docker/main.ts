// The recording Docker as a program; its folder is FAKE_DOCKER.
import { DockerError } from '../../docker/docker.ts';
import { FakeDocker } from './fake-docker.ts';

const folder = process.env.FAKE_DOCKER;
if (folder === undefined) throw new Error('FAKE_DOCKER names no folder');
try {
  await new FakeDocker(folder).execute(process.argv.slice(2), process.stdin, process.stdout, process.env);
} catch (error) {
  if (!(error instanceof DockerError)) throw error;
  process.stderr.write(`${error.stderr}\n`);
  process.exitCode = error.exitCode ?? 1;
}
