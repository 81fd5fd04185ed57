import type { FunctionDoc, ModuleDoc, ParameterDoc } from './module-doc.ts';

/**
 * A module's documentation as Markdown.
 *
 * @example
 * const source = new Source('greet.star', '"""Greets."""\n');
 * renderMarkdown(documentModule(source, parse(source, defaultDialect).file)); // '# greet.star\n\nGreets.\n'
 */
export function renderMarkdown(module: ModuleDoc): string {
  const parts = [`# ${module.file}`];
  if (module.description !== null) parts.push(module.description);
  if (module.docstring !== null) parts.push(module.docstring);
  for (const doc of module.functions) parts.push(renderFunction(doc));
  return `${parts.join('\n\n')}\n`;
}

function renderFunction(doc: FunctionDoc): string {
  const parts = [`## ${doc.name}`, fenced(doc.signature)];
  if (doc.summary !== '') parts.push(doc.summary);
  if (doc.details !== '') parts.push(doc.details);
  if (doc.parameters.length > 0) parts.push(doc.parameters.map(renderParameter).join('\n'));
  if (doc.returns !== null) {
    const type = doc.returns.type === null ? '' : ` \`${doc.returns.type}\``;
    parts.push(`**Returns**${type}${doc.returns.description === null ? '' : `: ${doc.returns.description}`}`);
  }
  if (doc.fails !== null) parts.push(`**Fails**: ${doc.fails}`);
  if (doc.examples !== null) parts.push(`**Example**\n\n${fenced(doc.examples)}`);
  return parts.join('\n\n');
}

function renderParameter({ name, kind, type, default: value, description }: ParameterDoc): string {
  const stars = kind === 'args' ? '*' : kind === 'kwargs' ? '**' : '';
  const facts = [
    ...(type === null ? [] : [`\`${type}\``]),
    ...(value === null ? [] : [`default \`${value}\``]),
    ...(kind === 'keyword' ? ['by name'] : []),
  ];
  const aside = facts.length === 0 ? '' : ` (${facts.join(', ')})`;
  return `- \`${stars}${name}\`${aside}${description === null ? '' : `: ${description}`}`;
}

/** A code block whose fence is longer than any run of backticks in it. */
function fenced(code: string): string {
  const longest = Math.max(2, ...[...code.matchAll(/`+/g)].map((match) => match[0].length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}python\n${code}\n${fence}`;
}
