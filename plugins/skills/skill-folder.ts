import { ClayError, type Files, toFailure } from '@clay/sdk';
import type { ParsedSkill } from './front-matter.ts';

/** A skill that can be used. */
export interface Skill {
  readonly name: string;
  readonly description: string;
  readonly license: string | null;
  readonly compatibility: string | null;
  readonly allowedTools: readonly string[];
  readonly metadata: Readonly<Record<string, string | number | boolean>>;
  /** Markdown. */
  readonly instructions: string;
}

/** A folder that was meant to be a skill. */
export interface BrokenSkill {
  readonly name: string;
  readonly problem: string;
}

export interface SkillList {
  readonly skills: readonly Skill[];
  readonly broken: readonly BrokenSkill[];
}

export const skillsFolder = 'data/skills';
const textFile = 'SKILL.md';

const maxSkills = 200;
const maxInstructions = 100_000;
const maxFileCharacters = 200_000;
const maxListedFiles = 200;
const maxDepth = 6;

/** The skills on the volume, read anew each time: what somebody has just saved is there. */
export class SkillFolder {
  readonly #files: Files;

  constructor(files: Files) {
    this.#files = files;
  }

  async list(): Promise<SkillList> {
    const folders = await this.#folders();
    const looked = await Promise.all(folders.slice(0, maxSkills).map((name) => this.#look(name)));
    const skills = looked.filter((one) => 'instructions' in one);
    const broken = looked.filter((one) => 'problem' in one);
    const left = folders.length - maxSkills;
    if (left <= 0) return { skills, broken };
    const problem = `${left} folders of ${skillsFolder} are not read: at most ${maxSkills} skills are. Remove some.`;
    return { skills, broken: [...broken, { name: '…', problem }] };
  }

  /** Throws `NOT_FOUND` with what there is, and `CONFLICT` with what is wrong with it. */
  async get(name: string): Promise<Skill> {
    const folders = await this.#folders();
    if (!folders.includes(name)) {
      const known = folders.join(', ') || 'none';
      throw new ClayError(
        'NOT_FOUND',
        `There is no skill ${JSON.stringify(name)}. Skills in ${skillsFolder}: ${known}.`,
      );
    }
    const skill = await this.#look(name);
    if ('problem' in skill) throw new ClayError('CONFLICT', `The skill ${name} cannot be used: ${skill.problem}`);
    return skill;
  }

  /** Paths of all files of a skill, below its folder. */
  async filesOf(name: string): Promise<readonly string[]> {
    const found: string[] = [];
    const walk = async (below: string, depth: number): Promise<void> => {
      const entries = await this.#files.list(`${skillsFolder}/${name}/${below}`);
      for (const entry of entries) {
        if (found.length >= maxListedFiles) return;
        const path = `${below}${entry.name}`;
        if (entry.kind === 'file') found.push(path);
        else if (entry.kind === 'folder' && depth < maxDepth && !entry.name.startsWith('.'))
          await walk(`${path}/`, depth + 1);
      }
    };
    await walk('', 1);
    return found;
  }

  /** The text of one file of a skill. */
  async readFile(name: string, file: string): Promise<string> {
    requireInside(file);
    try {
      const text = await this.#files.read(`${skillsFolder}/${name}/${file}`);
      if (text.length <= maxFileCharacters) return text;
      throw new ClayError(
        'TOO_LARGE',
        `${skillsFolder}/${name}/${file} has ${text.length} characters; at most ${maxFileCharacters} are read at once. Read parts of it with the read tool.`,
      );
    } catch (error) {
      if (toFailure(error).code !== 'NOT_FOUND') throw error;
      const known = (await this.filesOf(name)).join(', ');
      throw new ClayError('NOT_FOUND', `The skill ${name} has no file ${JSON.stringify(file)}. Files: ${known}.`, {
        cause: error,
      });
    }
  }

  async #folders(): Promise<readonly string[]> {
    const entries = await this.#files.list(skillsFolder);
    return entries.filter(({ name, kind }) => kind === 'folder' && !name.startsWith('.')).map(({ name }) => name);
  }

  async #look(folder: string): Promise<Skill | BrokenSkill> {
    const place = `${skillsFolder}/${folder}/${textFile}`;
    try {
      const text = await this.#files.read(place);
      if (text.length > maxInstructions) {
        const remedy = 'Move parts of it into files beside it, and name them.';
        return {
          name: folder,
          problem: `${place} has ${text.length} characters, at most ${maxInstructions}. ${remedy}`,
        };
      }
      // A claw without skills needs no reader of YAML.
      const { parseSkillText } = await import('./front-matter.ts');
      return skillOf(folder, parseSkillText(text));
    } catch (error) {
      const failure = toFailure(error);
      if (failure.code === 'NOT_FOUND') return { name: folder, problem: `${place} does not exist.` };
      return { name: folder, problem: `${place} cannot be read as a skill: ${failure.error}` };
    }
  }
}

function skillOf(folder: string, { front, body }: ParsedSkill): Skill {
  if (front.name !== folder) {
    const remedy = `Rename the folder to ${front.name}, or the skill to ${folder}.`;
    throw new ClayError('BAD_ARGUMENTS', `its name is ${front.name}, but its folder is called ${folder}. ${remedy}`);
  }
  if (body === '') throw new ClayError('BAD_ARGUMENTS', 'below its front matter there are no instructions.');
  return {
    name: front.name,
    description: front.description.replaceAll(/\s+/g, ' '),
    license: front.license ?? null,
    compatibility: front.compatibility ?? null,
    allowedTools: front['allowed-tools'] ?? [],
    metadata: front.metadata ?? {},
    instructions: body,
  };
}

/** Throws `BAD_ARGUMENTS` for a path that is none below the skill's folder. */
export function requireInside(file: string): void {
  const parts = file.split('/');
  const isInside = file.length <= 300 && !file.includes('\0') && !file.includes('\\');
  if (isInside && parts.every((part) => part !== '' && part !== '.' && part !== '..')) return;
  throw new ClayError(
    'BAD_ARGUMENTS',
    `${JSON.stringify(file.slice(0, 300))} is no file of a skill: write its path below the skill's folder, such as references/forms.md.`,
  );
}
