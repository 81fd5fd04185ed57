import { type BaseAgent, LlmAgent, LoopAgent, ParallelAgent, SequentialAgent } from '../adk.ts';
import { baseInstruction, delegationInstruction } from '../prompt/base-instruction.ts';
import { AgentTools } from '../tools/agent-tools.ts';
import { ExitLoopTool, type TransferTarget, TransferTool } from '../tools/control-tool.ts';
import type { HostTool } from '../tools/host-tool.ts';
import type { TurnScope } from '../turns/turn-scope.ts';
import type { AgentPlan, LlmPlan } from './agent-definition.ts';
import { AgentModel } from './agent-model.ts';
import { Conversation } from './conversation.ts';
import { ExternalAgent } from './external-agent.ts';

export const rootName = 'clay';

/** Builds the main agent with all others below it, for one turn. */
export function buildRoot(scope: TurnScope, plans: readonly AgentPlan[], hostTools: readonly HostTool[]): BaseAgent {
  const home: TransferTarget = { name: rootName, description: 'the main agent, with all tools' };
  const subAgents = plans.map((plan) => buildAgent(scope, plan, { transferTargets: [home], isInLoop: false }));
  const system = [baseInstruction, ...(plans.length > 0 ? [delegationInstruction] : []), scope.sections.system];
  return buildLlm(
    scope,
    {
      name: rootName,
      plugin: 'host',
      description: '',
      allowed: undefined,
      model: undefined,
      outputKey: undefined,
      system: system.filter(Boolean).join('\n\n'),
      hasSections: true,
    },
    { hostTools, transferTargets: plans, isInLoop: false },
    subAgents,
  );
}

export interface AgentPlace {
  /** In the place of the conversation: the agent works on this alone. */
  readonly task?: string;
  readonly transferTargets: readonly TransferTarget[];
  readonly isInLoop: boolean;
}

/** Builds an agent of a plugin. */
export function buildAgent(scope: TurnScope, plan: AgentPlan, place: AgentPlace): BaseAgent {
  const { name, description } = plan;
  switch (plan.type) {
    case 'llm':
      return buildLlm(
        scope,
        { ...plan, allowed: plan.tools, system: systemOf(plan), hasSections: false },
        { ...place, hostTools: [] },
        [],
      );
    case 'external':
      return new ExternalAgent(scope, plan, place.task);
    case 'sequence':
      return new SequentialAgent({ name, description, subAgents: children(scope, plan.agents, place) });
    case 'parallel':
      return new ParallelAgent({ name, description, subAgents: children(scope, plan.agents, place) });
    case 'loop':
      return new LoopAgent({
        name,
        description,
        maxIterations: plan.maxIterations,
        subAgents: children(scope, plan.agents, { ...place, isInLoop: true }),
      });
  }
}

/** The parts of a workflow do not leave it. */
function children(scope: TurnScope, plans: readonly AgentPlan[], place: AgentPlace): BaseAgent[] {
  return plans.map((plan) => buildAgent(scope, plan, { ...place, transferTargets: [] }));
}

interface LlmShape {
  readonly name: string;
  readonly plugin: string;
  readonly description: string;
  readonly allowed: readonly string[] | undefined;
  readonly model: string | undefined;
  readonly outputKey: string | undefined;
  readonly system: string;
  readonly hasSections: boolean;
}

function buildLlm(
  scope: TurnScope,
  shape: LlmShape,
  place: AgentPlace & { readonly hostTools: readonly HostTool[] },
  subAgents: BaseAgent[],
): LlmAgent {
  const { name, description, outputKey } = shape;
  const controlTools = [
    ...(place.transferTargets.length > 0 ? [new TransferTool(place.transferTargets)] : []),
    ...(place.isInLoop ? [new ExitLoopTool()] : []),
  ];
  const tools = new AgentTools(scope, { allowed: shape.allowed, hostTools: place.hostTools, controlTools });
  const { system, hasSections } = shape;
  const conversation = new Conversation(scope, { agent: name, system, task: place.task, hasSections });
  const model = new AgentModel(scope, { agent: name, plugin: shape.plugin, model: shape.model, tools, conversation });
  const agent = new LlmAgent({
    name,
    description,
    model,
    tools: [tools],
    subAgents,
    ...(outputKey !== undefined && { outputKey }),
    requestProcessors: [conversation],
  });
  // The engine adds its own transfer processor, whose tool lets a model transfer to agents that do not exist.
  agent.requestProcessors = [conversation];
  return agent;
}

function systemOf({ name, description, instruction }: LlmPlan): string {
  return [baseInstruction, `Your name is ${name}. ${description}`.trim(), instruction].filter(Boolean).join('\n\n');
}
