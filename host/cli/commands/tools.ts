import type { JsonSchema } from '@clay/sdk';
import { ClawClient } from '../client/claw-client.ts';
import { findClaw } from '../client/find-claw.ts';
import type { Command } from '../command.ts';
import { safeLine } from '../terminal/safe-text.ts';
import { formatTable } from '../terminal/table.ts';

interface ToolSummary {
  readonly name: string;
  readonly plugin: string;
  readonly description: string;
  readonly parameters: JsonSchema | null;
}

export const tools: Command = {
  usage: '[--json]',
  help: 'Lists the tools that the model is offered now, with their parameters; * marks those that are needed.',
  options: { json: { type: 'boolean' } },
  maxArgs: 0,
  async run({ env, terminal, options }) {
    const found = await new ClawClient(findClaw(env)).ask<readonly ToolSummary[]>('GET', '/api/admin/tools');
    if (options.json === true) {
      terminal.print(JSON.stringify(found, null, 2));
      return 0;
    }
    const rows = found.map((tool) => [
      terminal.style('bold', tool.name),
      tool.plugin,
      listParameters(tool.parameters),
      terminal.style('dim', safeLine(tool.description, 80)),
    ]);
    terminal.print(formatTable(rows));
    return 0;
  },
};

function listParameters(schema: JsonSchema | null): string {
  const properties = schema?.properties;
  if (typeof properties !== 'object' || properties === null) return '';
  const required = Array.isArray(schema?.required) ? schema.required : [];
  return Object.keys(properties)
    .map((name) => `${name}${required.includes(name) ? '*' : ''}`)
    .join(', ');
}
