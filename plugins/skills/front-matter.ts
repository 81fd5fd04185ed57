import { ClayError } from '@clay/sdk';
import { parseDocument } from 'yaml';
import { z } from 'zod';

const name = z
  .string()
  .max(64)
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'must be 1 to 64 of a–z, 0–9 and single hyphens, such as pdf-forms');
const allowedTools = z.union([
  z.string().transform((text) => text.split(/[\s,]+/).filter(Boolean)),
  z.array(z.string()),
]);

/** What stands between the `---` lines: https://agentskills.io/specification. Fields that it does not know may be there. */
const frontMatter = z.looseObject({
  name,
  description: z.string().trim().min(1).max(1024),
  license: z.string().max(500).optional(),
  compatibility: z.string().max(500).optional(),
  metadata: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  'allowed-tools': allowedTools.optional(),
});

export type FrontMatter = z.infer<typeof frontMatter>;

export interface ParsedSkill {
  readonly front: FrontMatter;
  /** The Markdown below it. */
  readonly body: string;
}

const example = '---\nname: pdf-forms\ndescription: Fills PDF forms. Use it when a form has to be filled in.\n---';
/** The mistake that most people make. */
const quoting = 'A text with a colon and a space in it has to stand in quotes.';
const wholePattern = /^---[ \t]*\r?\n([\s\S]*?)\r?\n---[ \t]*(?:\r?\n|$)([\s\S]*)$/;

/** Reads a SKILL.md. Throws `BAD_ARGUMENTS` with what is wrong. */
export function parseSkillText(text: string): ParsedSkill {
  const [, head, body] = wholePattern.exec(text.replace(/^\uFEFF/, '')) ?? [];
  if (head === undefined || body === undefined)
    throw wrong(`it does not begin with front matter. Begin it with:\n${example}`);
  const read = frontMatter.safeParse(readYaml(head));
  if (read.success) return { front: read.data, body: body.trim() };
  const problems = read.error.issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': '));
  throw wrong(`its front matter is wrong: ${problems.join('; ')}`);
}

function readYaml(text: string): unknown {
  const document = parseDocument(text, { prettyErrors: true });
  const [error] = document.errors;
  if (error !== undefined) throw wrong(`its front matter is no YAML: ${error.message.trim()}\n${quoting}`);
  // Aliases could make a short text a huge value; a front matter has no use for them.
  try {
    return document.toJS({ maxAliasCount: 0 });
  } catch (error) {
    throw wrong(`its front matter is no plain YAML: ${(error as Error).message}`);
  }
}

function wrong(problem: string): ClayError {
  return new ClayError('BAD_ARGUMENTS', problem);
}
