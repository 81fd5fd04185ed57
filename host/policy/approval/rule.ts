import { isAbsolute, relative, resolve, sep } from 'node:path';
import { ClayError, type Json, type JsonObject } from '@clay/sdk';

/** What a call does to the world, as its tool declares it or its plugin's rights allow. */
export const effects = ['shell', 'write', 'deploy', 'post'] as const;
export type Effect = (typeof effects)[number];

/** A call as a rule sees it. */
export interface GuardedAction {
  /** Full name, such as `tool:bash`. */
  readonly capability: string;
  readonly effects: readonly Effect[];
  readonly args: Json;
  /** Where relative paths of the tool begin. */
  readonly folder: string;
}

/** One entry of `approvals` in `clay.json`. */
export interface Rule {
  /** As the operator wrote it. */
  readonly text: string;
  readonly matches: (action: GuardedAction) => boolean;
}

export interface RuleOptions {
  /** `CLAY_ROOT`: what folders in rules are relative to. */
  readonly root: string;
  /** The place that a path really leads to, links followed. */
  readonly realPath: (path: string) => string;
}

const outside = /^write outside (\S.*)$/;
const named = /^((?:tool|agent|service):[\w.*-]+)(?:\((.+)\))?$/;
const pattern = /^\s*(\w+)\s*=\s*(.*?)\s*$/;

export const ruleSyntax =
  'must be shell, write, deploy, post, "write outside FOLDER", or a name such as tool:bash, tool:publish_* or tool:bash(command=rm *)';

export function isRule(text: string): boolean {
  return parse(text, { root: '/', realPath: (path) => path }) !== null;
}

/** Throws `BAD_ARGUMENTS` for what {@link isRule} refuses. */
export function parseRule(text: string, options: RuleOptions): Rule {
  const matches = parse(text, options);
  if (matches === null) throw new ClayError('BAD_ARGUMENTS', `The approval ${JSON.stringify(text)} ${ruleSyntax}.`);
  return { text, matches };
}

function parse(text: string, options: RuleOptions): Rule['matches'] | null {
  const effect = effects.find((one) => one === text);
  if (effect !== undefined)
    return (action) => action.effects.includes(effect) || writesInto(places[effect], action, options);
  const folder = outside.exec(text)?.[1];
  if (folder !== undefined) return (action) => action.effects.includes('write') && !isInside(action, folder, options);
  const [, name, conditions] = named.exec(text) ?? [];
  if (name === undefined) return null;
  const isNamed = glob(name);
  const parsed = (conditions?.split(/,(?=\s*\w+\s*=)/) ?? []).map((condition) => pattern.exec(condition));
  if (parsed.some((one) => one === null)) return null;
  const wanted = parsed.map((one) => [one?.[1] ?? '', glob(one?.[2] ?? '')] as const);
  return ({ capability, args }) =>
    isNamed(capability) && wanted.every(([argument, fits]) => fits(textOf((args as JsonObject | null)?.[argument])));
}

/** To save a file there has the effect by itself. */
const places: Readonly<Partial<Record<Effect, string>>> = { deploy: 'data/extensions', post: 'public' };

function writesInto(place: string | undefined, action: GuardedAction, options: RuleOptions): boolean {
  return place !== undefined && action.effects.includes('write') && isInside(action, place, options);
}

/** A tool that names no path may write anywhere. */
function isInside({ args, folder }: GuardedAction, allowed: string, { root, realPath }: RuleOptions): boolean {
  const path = (args as JsonObject | null)?.path;
  if (typeof path !== 'string') return false;
  const place = relative(realPath(resolve(root, allowed)), realPath(resolve(folder, path)));
  return place !== '..' && !place.startsWith(`..${sep}`) && !isAbsolute(place);
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}

function glob(text: string): (value: string) => boolean {
  const source = text
    .split('*')
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('[\\s\\S]*');
  const expression = new RegExp(`^${source}$`);
  return (value) => expression.test(value);
}
