import { type Finding, failure, ok } from './check.ts';

/** The first Node that runs Clay's TypeScript and its database driver. */
const oldestMajor = 26;

export function checkNode(version: string): Finding {
  if (Number.parseInt(version, 10) >= oldestMajor) return ok('Node', version);
  return failure('Node', version, `Run Clay by "npm start" or "npx clay", which bring Node ${oldestMajor} with them.`);
}
