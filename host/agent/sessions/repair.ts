import { ClayError, type ErrorCode } from '@clay/sdk';
import type { CallJournal } from '../../journal/journal.ts';
import { danglingCalls } from '../contents/calls.ts';
import type { EventJson, FunctionCall } from '../event-json.ts';
import { failureResponse, type ToolResponse, toResponse } from '../tools/tool-response.ts';
import type { LiveEvent } from './live-session.ts';

/** What a call is answered with that was begun and did not end. */
export interface RepairReason {
  readonly code: Extract<ErrorCode, 'CANCELLED' | 'CALL_OUTCOME_UNKNOWN'>;
  readonly message: string;
}

export const interrupted: RepairReason = {
  code: 'CALL_OUTCOME_UNKNOWN',
  message:
    'The turn was interrupted before this tool answered. Whether it took effect is unknown: check before trying again.',
};

export interface RepairOptions {
  readonly reason: RepairReason;
  /** Remembers the calls that had ended; without it, every call is taken for one that had not. */
  readonly calls: Pick<CallJournal, 'byKey'> | undefined;
  readonly now: number;
  readonly createId: () => string;
  /** Calls that somebody else will answer. Default: none. */
  readonly isLeftOpen?: ((event: LiveEvent, call: FunctionCall) => boolean) | undefined;
}

/** Under this key the router and the journal know a call of a turn. */
export function callKey(turnId: string, callId: string | undefined): string {
  return `${turnId}:${callId}`;
}

/** Result events for the calls that the last turn left without one, so that the conversation can go on. */
export function repairEvents(events: readonly LiveEvent[], options: RepairOptions): EventJson[] {
  const repaired = danglingCalls(events).flatMap(({ event, calls }) => {
    const left = calls.filter((call) => !options.isLeftOpen?.(event, call));
    return left.length > 0 ? [{ event, calls: left }] : [];
  });
  return repaired.map(({ event, calls }) => ({
    id: options.createId(),
    invocationId: event.invocationId,
    author: event.author ?? 'agent',
    timestamp: options.now,
    ...(event.branch !== undefined && { branch: event.branch }),
    ...(event.isolationScope !== undefined && { isolationScope: event.isolationScope }),
    actions: { stateDelta: {}, artifactDelta: {} },
    content: { role: 'user', parts: calls.map((call) => responsePart(call, event.invocationId, options)) },
  }));
}

function responsePart(call: FunctionCall, turnId: string, options: RepairOptions) {
  const { id, name } = call;
  return {
    functionResponse: {
      ...(id !== undefined && { id }),
      ...(name !== undefined && { name }),
      response: recall(call, turnId, options),
    },
  };
}

function recall({ id, name }: FunctionCall, turnId: string, { calls, reason }: RepairOptions): ToolResponse {
  const row = calls?.byKey(`tool:${name}`, callKey(turnId, id));
  if (row?.state === 'done') return toResponse(row.value);
  if (row?.state === 'failed' && row.failure) return { ...row.failure };
  return failureResponse(new ClayError(reason.code, reason.message));
}
