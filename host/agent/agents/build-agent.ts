import { ClayError } from '@clay/sdk';
import { type BaseAgent, LlmAgent, LoopAgent, ParallelAgent, SequentialAgent } from '../adk.ts';
import { baseInstruction, delegationInstruction } from '../prompt/base-instruction.ts';
import { AgentTools } from '../tools/agent-tools.ts';
import { type ControlTool, ExitLoopTool, type TransferTarget, TransferTool } from '../tools/control-tool.ts';
import type { HostTool } from '../tools/host-tool.ts';
import type { TurnScope } from '../turns/turn-scope.ts';
import type { AgentPlan, LlmPlan } from './agent-definition.ts';
import { AgentModel } from './agent-model.ts';
import { Conversation } from './conversation.ts';
import { ExternalAgent } from './external-agent.ts';
import type { SignalLoopPlan } from './loop/loop-plan.ts';
import { SignalLoop } from './loop/signal-loop.ts';
import type { ResumeDelegations } from './resume-delegations.ts';

export const rootName = 'clay';

/** Builds the main agent with all others below it, for one turn. */
export function buildRoot(
  scope: TurnScope,
  plans: readonly AgentPlan[],
  hostTools: readonly HostTool[],
  resume: ResumeDelegations,
): BaseAgent {
  const home: TransferTarget = { name: rootName, description: 'the main agent, with all tools' };
  // A loop that ends is told of by the agent that began it: nobody is handed to one.
  const speakers = plans.filter(({ type }) => type !== 'signal-loop');
  const subAgents = speakers.map((plan) => buildAgent(scope, plan, { transferTargets: [home], isInLoop: false }));
  const system = [baseInstruction, ...(plans.length > 0 ? [delegationInstruction] : []), scope.sections.system];
  const root = buildLlm(
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
    { hostTools, transferTargets: speakers, isInLoop: false },
    subAgents,
  );
  root.requestProcessors = [resume, ...root.requestProcessors];
  return root;
}

export interface AgentPlace {
  /** In the place of the conversation: the agent works on this alone. */
  readonly task?: string;
  readonly transferTargets: readonly TransferTarget[];
  readonly isInLoop: boolean;
  /** Of a part of a loop until a signal: the same for a try that a new process makes again. */
  readonly key?: string;
  readonly signalTool?: ControlTool | undefined;
  /** Makes the tool that gives tasks to the agents of these names. Default: there is none. */
  readonly helpers?: ((names: readonly string[]) => HostTool) | undefined;
}

/** Builds an agent of a plugin. */
export function buildAgent(scope: TurnScope, plan: AgentPlan, place: AgentPlace): BaseAgent {
  const { name, description } = plan;
  switch (plan.type) {
    case 'llm':
      return buildLlm(
        scope,
        { ...plan, allowed: plan.tools, system: systemOf(plan), hasSections: false },
        { ...place, hostTools: place.helpers && plan.delegates.length > 0 ? [place.helpers(plan.delegates)] : [] },
        [],
      );
    case 'external':
      return new ExternalAgent(scope, plan, place.task, place.key);
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
    case 'signal-loop':
      return buildSignalLoop(scope, plan, place);
  }
}

function buildSignalLoop(scope: TurnScope, plan: SignalLoopPlan, { task, helpers }: AgentPlace): BaseAgent {
  if (task === undefined) throw new ClayError('CONFLICT', `The loop ${plan.name} works on a delegated task only.`);
  return new SignalLoop(scope, plan, {
    task,
    buildWorker: (worker, { scope: own, ...part }) =>
      buildAgent(own, worker, { ...part, helpers, transferTargets: [], isInLoop: false }),
  });
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
    ...(place.signalTool ? [place.signalTool] : []),
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
