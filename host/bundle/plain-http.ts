import http from 'node:http';
import type { Plugin } from 'esbuild';

const ours = 'plain-http';

/**
 * An import of `node:http` reads every name it has, and three of those load Node's HTTP client and its web sockets:
 * 40 ms and some megabytes for what most processes of a claw never use. In the bundle it brings the other names only.
 */
export const plainHttp: Plugin = {
  name: ours,
  setup(build) {
    build.onResolve({ filter: /^(node:)?http$/ }, ({ kind }) =>
      kind === 'import-statement' ? { path: 'http', namespace: ours, sideEffects: false } : undefined,
    );
    build.onLoad({ filter: /./, namespace: ours }, () => ({
      contents: `
        const http = process.getBuiltinModule('node:http');
        export default http;
        export const { ${plainNames.join(', ')} } = http;`,
    }));
  },
};

const plainNames = Object.entries(Object.getOwnPropertyDescriptors(http))
  .filter(([, property]) => 'value' in property)
  .map(([name]) => name);
