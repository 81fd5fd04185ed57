import type { JsonObject } from '@clay/sdk';
import { BaseTool, type RunAsyncToolRequest } from '../adk.ts';
import { refusal } from './tool-response.ts';

/** A tool that steers the engine's own flow, by the actions of its result event. */
export abstract class ControlTool extends BaseTool {
  readonly #parameters: JsonObject;

  constructor(name: string, description: string, parameters: JsonObject) {
    super({ name, description });
    this.#parameters = parameters;
  }

  override _getDeclaration() {
    return { name: this.name, description: this.description, parametersJsonSchema: this.#parameters };
  }
}

export interface TransferTarget {
  readonly name: string;
  readonly description: string;
}

/** Hands the rest of this turn to another agent; the next turn begins with the main agent again. */
export class TransferTool extends ControlTool {
  readonly #targets: readonly TransferTarget[];

  constructor(targets: readonly TransferTarget[]) {
    const list = targets.map(({ name, description }) => `- ${name}: ${description}`).join('\n');
    super(
      'transfer_to_agent',
      `Hands the rest of this turn to another agent, which then speaks to the person itself:\n${list}`,
      {
        type: 'object',
        properties: { agent_name: { type: 'string', enum: targets.map(({ name }) => name) } },
        required: ['agent_name'],
      },
    );
    this.#targets = targets;
  }

  override async runAsync({ args, toolContext }: RunAsyncToolRequest): Promise<unknown> {
    const name = args.agent_name ?? args.agentName;
    const target = this.#targets.find((candidate) => candidate.name === name);
    if (!target) {
      const known = this.#targets.map((candidate) => candidate.name).join(', ');
      return refusal(
        'NOT_FOUND',
        `There is no agent named ${JSON.stringify(name)} to transfer to. There are: ${known}.`,
      );
    }
    if (toolContext.actions.transferToAgent !== undefined)
      return refusal('CONFLICT', 'A transfer is already under way.');
    toolContext.actions.transferToAgent = target.name;
    return { transferred_to: target.name };
  }
}

/** Ends the loop that the agent works in. */
export class ExitLoopTool extends ControlTool {
  constructor() {
    super('exit_loop', 'Ends the loop that you work in. Call it when the work of the loop is done.', {
      type: 'object',
      properties: {},
    });
  }

  override async runAsync({ toolContext }: RunAsyncToolRequest): Promise<unknown> {
    toolContext.actions.escalate = true;
    toolContext.actions.skipSummarization = true;
    return { loop: 'ended' };
  }
}
