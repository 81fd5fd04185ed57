import { ClayError } from '@clay/sdk';
import type { Build } from '../../generations/build.ts';
import { inPhase, withPhase } from '../../generations/phase.ts';
import { type GraphNode, startOrder } from '../../graph/start-order.ts';
import type { CapabilityTable } from '../../registry/capability-table.ts';
import type { Capability } from '../../registry/registry.ts';
import type { Life } from './life.ts';
import { findNarrowing } from './narrowing.ts';

/** What else has to hold before a generation may serve. */
export interface Surroundings {
  readonly table: CapabilityTable;
  /** Plugins that serve, with what each requires. */
  readonly serving: () => readonly Life[];
  /** Runs the migrations that have not run yet. */
  readonly migrate: (life: Life) => void;
  /** Throws for what no capability of this build can be, such as a schedule whose time never comes. */
  readonly checkDetails: (capability: Capability, build: Build) => void;
}

/** Checks what a generation declares against everybody else, then lets its probes run. Throws in its phase. */
export async function prove(life: Life, { table, serving, migrate, checkDetails }: Surroundings): Promise<void> {
  const capabilities = life.capabilities();
  await inPhase('register', () => {
    table.check(life.plugin, capabilities);
    for (const one of capabilities) checkDetails(one, life.build);
    for (const user of serving()) if (user.plugin !== life.plugin) checkUser(user, life, capabilities, table);
  });
  for (const name of life.build.manifest.requires) {
    if (table.get(name) !== undefined || capabilities.some((one) => one.fullName === name)) continue;
    throw withPhase(
      'requires',
      new ClayError('UNAVAILABLE', `"${life.plugin}" requires ${name}, whose provider did not start.`),
    );
  }
  await inPhase('migrate', () => migrate(life));
  await inPhase('probe', () => life.running.probe());
}

/** What somebody requires stays there, and takes what it took. */
function checkUser(user: Life, life: Life, capabilities: readonly Capability[], table: CapabilityTable): void {
  for (const name of user.build.manifest.requires) {
    const old = table.get(name);
    if (old?.plugin !== life.plugin) continue;
    const next = capabilities.find((one) => one.fullName === name);
    if (next === undefined)
      throw new ClayError('CONFLICT', `"${user.plugin}" requires ${name}, which this generation no longer provides.`);
    const narrowing = findNarrowing(old.parameters, next.parameters);
    if (narrowing === null) continue;
    throw new ClayError(
      'CONFLICT',
      `"${user.plugin}" requires ${name}, whose parameters have become narrower: ${narrowing}.`,
    );
  }
}

export interface Ordered {
  /** Providers before their users. */
  readonly order: readonly Life[];
  readonly refused: ReadonlyMap<Life, ClayError>;
}

/** The order in which generations that have been set up together may serve, by what they require of each other. */
export function orderLives(lives: readonly Life[], table: CapabilityTable): Ordered {
  const refused = new Map<Life, ClayError>();
  const owners = new Map<string, Life>();
  const sound: Life[] = [];
  for (const life of lives) {
    const double = life.capabilities().find(({ fullName }) => owners.has(fullName));
    if (double !== undefined) {
      const owner = owners.get(double.fullName)!.plugin;
      const message = `${double.fullName} is provided by plugin "${owner}" already; plugin "${life.plugin}" cannot provide it too.`;
      refused.set(life, new ClayError('CONFLICT', message, { phase: 'register' }));
      continue;
    }
    for (const { fullName } of life.capabilities()) owners.set(fullName, life);
    sound.push(life);
  }
  const ordered = startOrder(sound.map((life) => nodeOf(life, table)));
  for (const life of sound) {
    const reason = ordered.refused.get(life.plugin);
    if (reason !== undefined) refused.set(life, new ClayError('UNAVAILABLE', reason, { phase: 'requires' }));
  }
  return { order: ordered.order.map((name) => sound.find((life) => life.plugin === name)!), refused };
}

function nodeOf(life: Life, table: CapabilityTable): GraphNode {
  const { manifest } = life.build;
  return {
    name: life.plugin,
    requires: manifest.requires.filter((name) => table.get(name) === undefined),
    optional: manifest.optional,
    provides: life.capabilities().map((one) => one.fullName),
  };
}
