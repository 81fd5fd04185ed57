export { createFakeClock, type FakeClock, settle } from './fake-clock.ts';
export { createRandom, type Random } from './random.ts';
export type { HttpAnswer, Provided } from './test-functions.ts';
export { createTestHost, type TestCallOptions, type TestHost, type TestHostOptions } from './test-host.ts';
export { createTestStore, type TestStore } from './test-store.ts';
