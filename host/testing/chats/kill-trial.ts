import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Random } from '@clay/sdk/testing';
import { FakeBotApi } from '../../../plugins/telegram/testing/fake-bot-api.ts';
import { startAnthropicServer } from '../../agent/testing/anthropic-server.ts';
import { CountingTool } from './counting-tool.ts';
import { DeliveryLedger } from './delivery-ledger.ts';
import { type Judgement, judge } from './judgement.ts';
import { sayingOf, scriptTurns } from './scripted-turns.ts';
import { steps as allSteps, type Step, Steps } from './steps.ts';
import { SupervisedClaw, type Victim } from './supervised-claw.ts';
import { type Connector, openTelegramWorld } from './telegram-world.ts';

export interface KillTrialOptions {
  readonly connector: Connector;
  readonly turns: number;
  readonly kills: number;
  readonly random: Random;
  /** Of matterbridge. */
  readonly program?: string | null;
}

export interface Kill {
  readonly victim: Victim;
  readonly step: Step;
  /** False: the step did not come in time, and it died all the same. */
  readonly isReached: boolean;
}

export interface TrialReport extends Judgement {
  readonly kills: readonly Kill[];
  /** What the model's provider would have refused. */
  readonly violations: readonly string[];
  readonly stderr: string;
  readonly seconds: number;
}

const firstPerson = 5001;
const peopleCount = 16;
const mostAtOnce = 6;
/** A step that does not come: no edit is made through Matterbridge. */
const longestWaitMs = 3_000;
const victims: Readonly<Record<Connector, readonly Victim[]>> = {
  telegram: ['host', 'machine', 'machine', 'host', 'medic', 'machine'],
  matterbridge: ['host', 'matterbridge', 'machine', 'host', 'medic', 'matterbridge'],
};
/** Matterbridge cannot edit. */
const stepsOf = (connector: Connector) =>
  allSteps.filter((step) => connector === 'telegram' || !step.startsWith('an edit'));

/** Turns in many chats at once while parts of the claw are killed, until all that was accepted is answered. */
export async function runKillTrial(options: KillTrialOptions): Promise<TrialReport> {
  const { connector, turns, kills, random } = options;
  const begun = performance.now();
  const fake = new FakeBotApi();
  using steps = new Steps();
  using tool = new CountingTool(steps);
  await using world = await openTelegramWorld({ ...options, fake, listener: steps.before(fake) });
  const model = await startAnthropicServer(scriptTurns(steps, tool));
  const people = Array.from({ length: peopleCount }, (_, index) => ({
    id: firstPerson + index,
    first_name: `P${index}`,
  }));
  await using claw = new SupervisedClaw(
    { plugins: world.plugins },
    {
      ...world.environment,
      TELEGRAM_CHAT_ID: String(firstPerson),
      TELEGRAM_ALLOWED_USERS: people.map(({ id }) => id).join(','),
      CLAY_SHELL: 'on',
      ANTHROPIC_API_KEY: 'a-key-of-this-test',
      ANTHROPIC_API_BASE: model.url,
    },
  );
  mkdirSync(dirname(claw.database), { recursive: true });
  steps.watchData(dirname(claw.database));

  const said = new Map<string, number>();
  const say = (count: number) => {
    for (let index = 0; index < count; index++) {
      const [key, from] = [`k${said.size + 1}`, random.pick(people)];
      said.set(key, from.id);
      fake.say({ from, text: sayingOf(key) });
    }
  };

  const done: Kill[] = [];
  const targets = stepsOf(connector);
  let accepted = 0;
  for (let round = 0; round < kills; round++) {
    if (!claw.isRunning) claw.start();
    // A turn that meets three deaths is given up, as it may be their cause: nobody is to meet more than two.
    if (round > 0 && round % 2 === 0) accepted = await untilAnswered(steps, claw);
    // What the connector has lost is made up for, little by little.
    const missing = Math.ceil(((round + 1) * turns) / kills) - (round % 2 === 0 ? accepted : said.size);
    const count = Math.min(Math.max(missing, 0), mostAtOnce);
    say(count);
    const victim = victims[connector][round % victims[connector].length]!;
    // Every step has its turn, beginning anywhere.
    const step = targets[(round + random.seed) % targets.length]!;
    done.push(await killAt({ steps, claw, step, victim, random, times: timesOf(step, connector, count, random) }));
    if (victim === 'machine' || victim === 'medic') await claw.ended();
  }
  if (!claw.isRunning) claw.start();
  // Not before: whoever opens a database as root touches its files, which is a step again.
  using ledger = new DeliveryLedger(claw.database);
  await untilQuiet({ fake, steps, claw, people, ledger });
  const judgement = judge({ said, ledger, tool, fake });
  await claw.stop();
  await model.close();
  const seconds = (performance.now() - begun) / 1000;
  return { ...judgement, kills: done, violations: model.violations, stderr: claw.stderr, seconds };
}

/**
 * How often a step comes before something dies. What Matterbridge holds dies with it, ten messages a second come through:
 * so that something is accepted at all, all that was said is let through first.
 */
function timesOf(step: Step, connector: Connector, count: number, random: Random): number {
  if (step.startsWith('news')) return 1;
  if (step.endsWith('is written')) return 1 + random.below(40);
  return connector === 'matterbridge' ? Math.max(1, count - random.below(2)) : 1 + random.below(3);
}

interface Aim {
  readonly steps: Steps;
  readonly claw: SupervisedClaw;
  readonly step: Step;
  readonly victim: Victim;
  readonly random: Random;
  readonly times: number;
}

/** Resolves when the victim is dead. */
function killAt({ steps, claw, step, victim, random, times }: Aim): Promise<Kill> {
  const isTimed = step === 'boot' || step === 'wait';
  const delayMs = isTimed ? random.below(step === 'boot' ? 900 : 2_000) : longestWaitMs;
  let left = times;
  return new Promise((resolve, reject) => {
    const unlisten = steps.listen((reached) => {
      if (reached === step && --left <= 0 && claw.kill(victim)) finish(true);
    });
    const late = () => {
      if (claw.kill(victim)) finish(isTimed);
      else if (!claw.isRunning) reject(new Error(`The claw has ended by itself: ${claw.stderr.slice(-2_000)}`));
      // It is between two lives.
      else timer = setTimeout(late, 20);
    };
    let timer = setTimeout(late, delayMs);
    const finish = (isReached: boolean) => {
      clearTimeout(timer);
      unlisten();
      resolve({ victim, step, isReached });
    };
  });
}

interface Scene {
  readonly fake: FakeBotApi;
  readonly steps: Steps;
  readonly claw: SupervisedClaw;
  readonly people: readonly { readonly id: number; readonly first_name: string }[];
  readonly ledger: DeliveryLedger;
}

const lastWord = 'That is all.';
const lastWordMs = 5_000;

/**
 * Everybody says a last word, again when it gets lost: behind it nothing comes any more, as news come in order. Then what
 * was accepted is answered.
 */
async function untilQuiet({ fake, steps, claw, people, ledger }: Scene): Promise<void> {
  const isHeard = () => ledger.accepted().filter((text) => text === lastWord).length >= people.length;
  while (!isHeard()) {
    for (const from of people) fake.say({ from, text: lastWord });
    await until(steps, isHeard, lastWordMs);
    if (!claw.isRunning) claw.start();
  }
  await until(steps, () => ledger.open() === 0);
}

/** Until everything that was accepted is answered; gives how much that is. */
async function untilAnswered(steps: Steps, claw: SupervisedClaw): Promise<number> {
  using ledger = new DeliveryLedger(claw.database);
  await until(steps, () => ledger.open() === 0);
  return new Set(ledger.accepted()).size;
}

/** Looks soon after every step, when what was being written is there; with a time, it gives up then. */
function until(steps: Steps, condition: () => boolean, ms?: number): Promise<void> {
  return new Promise((resolve) => {
    let soon: NodeJS.Timeout | undefined;
    const finish = () => {
      clearTimeout(late);
      clearTimeout(soon);
      unlisten();
      resolve();
    };
    const look = () => {
      soon = undefined;
      if (condition()) finish();
    };
    const late = ms === undefined ? undefined : setTimeout(finish, ms);
    const unlisten = steps.listen(() => {
      soon ??= setTimeout(look, 20);
    });
    look();
  });
}
