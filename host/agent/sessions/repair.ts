import { ClayError, type ErrorCode } from '@clay/sdk';
import { danglingCalls } from '../contents/calls.ts';
import type { EventJson } from '../event-json.ts';

import { failureResponse } from '../tools/tool-response.ts';
import type { LiveEvent } from './live-session.ts';

export interface RepairReason {
  readonly code: Extract<ErrorCode, 'CANCELLED' | 'CALL_OUTCOME_UNKNOWN'>;
  readonly message: string;
}

export const interrupted: RepairReason = {
  code: 'CALL_OUTCOME_UNKNOWN',
  message:
    'The turn was interrupted before this tool answered. Whether it took effect is unknown: check before trying again.',
};

/** Result events for the calls that the last turn left without one, so that the conversation can go on. */
export function repairEvents(
  events: readonly LiveEvent[],
  reason: RepairReason,
  now: number,
  createId: () => string,
): EventJson[] {
  return danglingCalls(events).map(({ event, calls }) => ({
    id: createId(),
    invocationId: event.invocationId,
    author: event.author ?? 'agent',
    timestamp: now,
    ...(event.branch !== undefined && { branch: event.branch }),
    ...(event.isolationScope !== undefined && { isolationScope: event.isolationScope }),
    actions: { stateDelta: {}, artifactDelta: {} },
    content: {
      role: 'user',
      parts: calls.map(({ id, name }) => ({
        functionResponse: {
          ...(id !== undefined && { id }),
          ...(name !== undefined && { name }),
          response: failureResponse(new ClayError(reason.code, reason.message)),
        },
      })),
    },
  }));
}
