import type { Json, JsonObject } from '@clay/sdk';
import type { InvocationContext } from '../adk.ts';
import type { FunctionCall } from '../event-json.ts';
import type { TurnScope } from '../turns/turn-scope.ts';

/** A tool of the agent host itself. Its name is reserved. */
export interface HostTool {
  readonly name: string;
  readonly description: string;
  readonly parameters: JsonObject;
  readonly isParallel: boolean;
  /** Asked with every change of what is loaded. Default: always. */
  isOffered?(): boolean;
  run(call: FunctionCall, args: JsonObject, scope: TurnScope, context: InvocationContext): Promise<Json>;
}
