import type { CommandContext } from './command.ts';

/** Shows which model this conversation thinks with, or changes it. */
export function modelText({ agentHost, user, argument }: CommandContext): string {
  const { modelChoice, model } = agentHost;
  const others = modelChoice.names.filter((name) => name !== modelChoice.of(user)).map((name) => `\`${name}\``);
  if (argument === '') {
    const change = others.length === 0 ? '' : ` With /model NAME I change to ${others.join(' or ')}.`;
    return `I think with \`${modelChoice.of(user)}\` (${model.provider}).${change}`;
  }
  if (!modelChoice.names.includes(argument)) {
    const known = modelChoice.names.map((name) => `\`${name}\``).join(', ');
    return `I do not know the model \`${argument}\`. I have ${known}; the operator adds others to "model.names" in clay.json.`;
  }
  modelChoice.choose(user, argument);
  return `From your next message on I think with \`${argument}\` here.`;
}
