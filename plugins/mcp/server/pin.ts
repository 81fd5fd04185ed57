import { createHash } from 'node:crypto';
import { isProgram, type ServerDefinition } from '../config.ts';

/** What a person has said yes to, as a number: whatever changes what runs or who is spoken to changes it. */
export function pinOf(definition: ServerDefinition): string {
  const meant = isProgram(definition)
    ? ['program', definition.command, definition.args, [...definition.env].sort()]
    : ['remote', definition.url, Object.entries(definition.headers).sort()];
  return createHash('sha256').update(JSON.stringify(meant)).digest('hex');
}

/** On one line, for people and for the model. */
export function describeServer(definition: ServerDefinition): string {
  return isProgram(definition) ? [definition.command, ...definition.args.map(quoted)].join(' ') : definition.url;
}

/** So that nobody takes one argument for two. */
function quoted(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : JSON.stringify(argument);
}
