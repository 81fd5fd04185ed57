import type { Skill } from './skill-folder.ts';

/** Words of a name say most, those of the instructions least. */
const weights = { name: 4, description: 2, instructions: 1 } as const;

/** The skills that hold words of the query, the best first. An empty query finds all of them. */
export function findSkills(skills: readonly Skill[], query: string): readonly Skill[] {
  const words = query.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  if (words.length === 0) return skills;
  return skills
    .map((skill) => ({ skill, score: words.reduce((sum, word) => sum + scoreOf(skill, word), 0) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || (a.skill.name < b.skill.name ? -1 : 1))
    .map(({ skill }) => skill);
}

function scoreOf(skill: Skill, word: string): number {
  return (['name', 'description', 'instructions'] as const)
    .filter((field) => skill[field].toLowerCase().includes(word))
    .reduce((sum, field) => sum + weights[field], 0);
}
