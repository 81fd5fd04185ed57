import { access } from './access.ts';
import type { ConnectorSentence } from './connector-world.ts';
import { enduring } from './enduring.ts';
import { hearing } from './hearing.ts';
import { speaking } from './speaking.ts';

/**
 * The suite of every connector: each sentence makes a world of its own, and throws where the connector breaks it.
 *
 * @example
 * ```ts
 * import { test } from 'node:test';
 * import { type ConnectorWorld, connectorSentences } from '@clay/sdk/testing';
 *
 * export function suite(createWorld: () => Promise<ConnectorWorld>): void {
 *   for (const { name, run } of connectorSentences) test(name, () => run(createWorld));
 * }
 * ```
 */
export const connectorSentences: readonly ConnectorSentence[] = [...hearing, ...access, ...speaking, ...enduring];
