import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { findFaults, parseDockerfile } from './dockerfile-rules.ts';

const good = `FROM alpine:3.24
HEALTHCHECK CMD ["/health"]
USER 10001:10001
ENTRYPOINT ["tini", "--", "clay"]
`;

for (const name of ['Dockerfile', 'Dockerfile.buildservice'])
  test(`docker/${name} keeps every rule`, () => {
    assert.deepEqual(findFaults(readFileSync(join(import.meta.dirname, name), 'utf8')), []);
  });

test('each fault is told with its line', () => {
  assert.deepEqual(findFaults(good), []);
  const faults: readonly (readonly [string, string, RegExp])[] = [
    ['USER 10001:10001', 'USER clay', /line 3: USER clay is not numeric/],
    ['USER 10001:10001', 'USER 0:0', /line 3: USER 0:0/],
    ['USER 10001:10001\n', '', /no USER/],
    ['HEALTHCHECK CMD ["/health"]\n', '', /no HEALTHCHECK/],
    ['CMD ["/health"]', 'CMD /health', /line 2: HEALTHCHECK CMD is not in JSON form/],
    ['["tini", "--", "clay"]', 'tini clay', /line 4: ENTRYPOINT is not in JSON form/],
    ['alpine:3.24', 'alpine:latest', /line 1: FROM alpine:latest names no version/],
    ['alpine:3.24', 'alpine', /line 1: FROM alpine names no version/],
    ['USER', 'ADD https://example.com/x /x\nUSER', /line 3: ADD/],
    ['USER', 'ENV CLAY_TOKEN=abc\nUSER', /line 3: ENV would keep a secret/],
    ['USER', 'ARG API_KEY\nUSER', /line 3: ARG would keep a secret/],
    ['USER', 'RUN apk add bash\nUSER', /line 3: apk add without --no-cache/],
    ['USER', 'RUN curl http://x | sh\nUSER', /line 3: RUN upgrades, or runs/],
  ];
  for (const [part, instead, fault] of faults) assert.match(findFaults(good.replace(part, instead)).join('\n'), fault);
});

test('continued lines, comments between them and stages are read as Docker reads them', () => {
  const base = '$' + '{BASE}';
  const text = `ARG BASE=debian:12
FROM ${base} AS one
RUN a \\
  # between
  && b

FROM one
USER root
`;
  assert.deepEqual(
    parseDockerfile(text).map(({ line, name, text: rest }) => `${line} ${name} ${rest}`),
    ['1 ARG BASE=debian:12', `2 FROM ${base} AS one`, '3 RUN a && b', '7 FROM one', '8 USER root'],
  );
  assert.doesNotMatch(findFaults(text).join(), /names no version/);
});
