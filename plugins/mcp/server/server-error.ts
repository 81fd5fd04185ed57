import { ClayError, foreignText } from '@clay/sdk';
import { ProtocolError, SdkError, SdkErrorCode } from './client-library.ts';
import type { Connection } from './connection.ts';

interface FailedCall {
  readonly server: string;
  readonly tool: string;
  readonly connection: Connection;
  readonly signal: AbortSignal;
}

const invalidParams = -32_602;

/** What a call of a foreign tool failed with, told in our words; the server's own are marked. */
export function toCallError(error: unknown, { server, tool, connection, signal }: FailedCall): ClayError {
  if (signal.aborted) return asClayError(signal.reason);
  const own = hostErrorIn(error);
  if (own !== null) return own;
  const what = `The tool "${tool}" of the MCP server "${server}"`;
  const marked = (text: string) => ({
    ...(text === '' ? {} : { output: foreignText({ origin: 'tool', source: `MCP server ${server}`, text }) }),
    cause: error,
  });
  if (error instanceof SdkError) {
    if (error.code === SdkErrorCode.RequestTimeout)
      return new ClayError(
        'TIMEOUT',
        `${what} gave no answer in time ("callMs" of the server in clay.json).`,
        marked(connection.errorOutput()),
      );
    if (error.code === SdkErrorCode.ConnectionClosed) {
      const message = `${what} did not finish: ${connection.problem() ?? 'the connection ended'}. Whether it took effect is unknown: look before you repeat it.`;
      return new ClayError('CALL_OUTCOME_UNKNOWN', message, marked(connection.errorOutput()));
    }
  }
  const said = error instanceof Error ? error.message : String(error);
  if (error instanceof ProtocolError) {
    const code = error.code === invalidParams ? 'BAD_ARGUMENTS' : 'CONFLICT';
    return new ClayError(code, `${what} refused the call (${error.code}); what it said is in "output".`, marked(said));
  }
  return new ClayError(
    'UNAVAILABLE',
    `${what} gave no proper answer; what came back is in "output". Whether it took effect is unknown.`,
    marked(said),
  );
}

/** The host's own error, which the library may have wrapped: its words are not the server's. */
export function hostErrorIn(error: unknown): ClayError | null {
  for (let one = error; one instanceof Error; one = one.cause ?? dataCauseOf(one)) {
    if (one instanceof ClayError) return one;
  }
  return null;
}

function dataCauseOf(error: Error): unknown {
  const data: unknown = error instanceof SdkError ? error.data : undefined;
  return typeof data === 'object' && data !== null && 'cause' in data ? data.cause : undefined;
}

function asClayError(reason: unknown): ClayError {
  return reason instanceof ClayError
    ? reason
    : new ClayError('CANCELLED', 'The call was cancelled.', { cause: reason });
}
