import { accessSync, constants, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ClayError, type Clock, type Log } from '@clay/sdk';
import type { AgentHost, ResumableAgentHost } from './agent/agent-host.ts';
import { rootName } from './agent/agents/build-agent.ts';
import { createAgentHost } from './agent/create-agent-host.ts';
import { endpointServices } from './agent/endpoint/endpoint-services.ts';
import { ModelEndpoint } from './agent/endpoint/model-endpoint.ts';
import { chooseBuilder } from './builder/choose-builder.ts';
import { systemClock } from './clock.ts';
import type { Config } from './config/config.ts';
import type { Environment } from './config/load.ts';
import { clayJsonTemplate } from './config/template.ts';
import { createDelivery, type Delivery } from './delivery/delivery.ts';
import { createGateway, type GatewayUrls } from './gateway/gateway.ts';
import { countCalls, Metrics } from './gateway/metrics.ts';
import { layOutPublicFolder } from './gateway/public-page/lay-out.ts';
import { removeRunFile, writeRunFile } from './gateway/run-file.ts';
import { createToken } from './gateway/token.ts';
import { type FoundToken, findToken } from './gateway/token-file.ts';
import { type FoundIdentity, findIdentity, identityFile } from './identity/find-identity.ts';
import { identityServices } from './identity/identity-services.ts';
import { secretTextOf } from './identity/key-pair.ts';
import { openJournal } from './journal/open-journal.ts';
import { createKernel } from './kernel/create-kernel.ts';
import { createDeployments, type Deployments } from './kernel/deployments/create-deployments.ts';
import { hostServices } from './kernel/deployments/host-services.ts';
import type { Kernel } from './kernel/kernel.ts';
import type { PluginStatus } from './kernel/plugin-status.ts';
import { runService } from './kernel/run-service.ts';
import { toolServices } from './kernel/tool-services.ts';
import type { LastHost } from './medic/generations/medic-options.ts';
import type { PluginServices } from './medic/pulse/plugin-services.ts';
import { approvalServices } from './policy/approval/approval-services.ts';
import { createApprovals } from './policy/approval/create-approvals.ts';
import { Budgets } from './policy/budget/budgets.ts';
import { usageServices } from './policy/budget/usage-services.ts';
import { createOutboundHttp, type OutboundHttp } from './policy/outbound-http.ts';
import { knownSecrets } from './policy/redaction/known-secrets.ts';
import { Redactor } from './policy/redaction/redactor.ts';
import { findShellUser } from './process/shell-user/find-shell-user.ts';
import { prepareFolders } from './process/shell-user/prepare-folders.ts';
import { findShippedPlugins } from './shipped-plugins.ts';
import { scheduleBackups } from './store/backup.ts';
import { openStore } from './store/open-store.ts';

/** A claw that listens. */
export interface Claw {
  readonly urls: GatewayUrls;
  readonly token: FoundToken;
  readonly kernel: Kernel;
  readonly agentHost: AgentHost;
  /** Resolves when what was deployed before this start has been started too; a claw takes messages before that. */
  readonly deployed: Promise<void>;
  /** What the operator has to know about the start, such as a damaged file that was set aside. */
  readonly notices: readonly string[];
  /** Lets open turns end, then releases everything, in reverse order. Safe to call twice. */
  stop(): Promise<void>;
}

/** What a claw is to the process above it. */
export interface ClawPulse {
  /** Called once, when the volume is held; tells how the host before this one ended. */
  readonly begin: () => LastHost;
  readonly services: Pick<PluginServices, 'want'>;
}

type Release = () => void | Promise<void>;

/**
 * Puts the parts together and listens. What was opened before a failure is released.
 */
export async function startClaw(
  config: Config,
  env: Environment,
  version: string,
  log: Log,
  pulse: ClawPulse,
  clock: Clock = systemClock,
  redactor: Redactor = new Redactor(knownSecrets(config, env)),
): Promise<Claw> {
  const releases: Release[] = [];
  const release = async () => {
    for (const undo of releases.splice(0).reverse()) await undo();
  };
  try {
    return await open({ config, env, version, log, redactor, pulse, clock, releases, isRehearsal: false }, release);
  } catch (error) {
    await release();
    throw error;
  }
}

/**
 * Puts the parts together on a volume of their own, as {@link startClaw} does, lets every plugin set itself up and prove
 * itself, and takes them apart again. Nothing of it reaches the outside: no plugin goes live, no schedule runs, no
 * request leaves, nothing listens. Gives what became of the plugins.
 */
export async function rehearseClaw(
  config: Config,
  env: Environment,
  version: string,
  log: Log,
  clock: Clock = systemClock,
): Promise<readonly PluginStatus[]> {
  const releases: Release[] = [];
  const pulse: ClawPulse = { begin: () => firstHost, services: { want() {} } };
  const redactor = new Redactor(knownSecrets(config, env));
  const rehearsal = { config, env, version, log, redactor, pulse, clock, releases, isRehearsal: true };
  try {
    const { kernel } = await assemble(rehearsal);
    await kernel.settled();
    return kernel.plugins();
  } finally {
    for (const undo of releases.splice(0).reverse()) await undo();
  }
}

const firstHost: LastHost = { death: 'none', upMs: 0, diedAt: 0 };
const nobody: OutboundHttp = {
  async fetch() {
    throw new ClayError('UNAVAILABLE', 'This is a rehearsal: no request leaves it.');
  },
};

interface Assembling {
  readonly config: Config;
  readonly env: Environment;
  readonly version: string;
  readonly log: Log;
  /** Of the log too. */
  readonly redactor: Redactor;
  readonly pulse: ClawPulse;
  readonly clock: Clock;
  readonly releases: Release[];
  readonly isRehearsal: boolean;
}

/** All parts, of which none has begun to work for anybody. */
async function assemble(assembling: Assembling) {
  const { config, env, version, log, redactor, pulse, clock, releases, isRehearsal } = assembling;
  const { paths, limits } = config;
  layOut(config);
  const shellUser = config.shellUser === null ? undefined : findShellUser(config.shellUser);
  if (shellUser !== undefined) prepareFolders({ ...paths, work: config.workFolder ?? paths.root }, shellUser);
  const store = openStore({
    database: paths.database,
    data: paths.data,
    backups: paths.backups,
    keepBackups: config.backup.keep,
    clock,
  });
  releases.push(() => store.close());
  const journal = openJournal({ file: paths.journal, clock });
  releases.push(() => journal.close());

  const last = pulse.begin();
  const token = findToken(config.server.token, paths.data);
  const identity = findIdentity(config.identity, paths.data);
  if (identity.isNew) log.info('identity.made', { fingerprint: identity.pair.fingerprint });
  if (identity.wasExposed) log.warn('identity.exposed', { file: identityFile(paths.data) });
  redactor.add(token.value);
  redactor.add(secretTextOf(identity.pair));
  const shipped = findShippedPlugins();
  const builder = chooseBuilder(env, { clock, workFolder: join(paths.root, 'builds') });
  releases.push(() => builder.close());
  const deployments = await createDeployments(
    { config, store, builder, shipped, clock, log, redactor, shellUser },
    () => kernel,
  );
  const secret = (name: string) => env[name] || undefined;
  const approvals = createApprovals({
    config,
    plugins: () => kernel.plugins(),
    people: () => delivery.questions,
    questions: store.questions,
    settings: store.settings,
    redactor,
    clock,
    log,
  });
  const kernel: Kernel = createKernel({
    config,
    store,
    journal,
    clock,
    log,
    secret,
    http: isRehearsal ? nobody : createOutboundHttp({ clock, secret, privateOrigins: config.privateOrigins }),
    isRehearsal,
    redactor,
    approvals,
    ...deployments.kernelOptions,
    rules: { probationMs: limits.probationMs },
    services: pulse.services,
  });
  releases.push(() => deployments.lanes.close());
  releases.push(() => kernel.stop());
  releases.push(() => deployments.extensions.close());
  releases.push(() => deployments.close());
  kernel.provide(hostServices({ deployments, kernel, ask: (question, signal) => agentHost.ask(question, signal) }));
  kernel.provide([runService({ services: pulse.services, kernel, shipped, folder: paths.data })]);
  kernel.provide(approvalServices(approvals, config.approvals));
  const { prices, timeZone } = config;
  const budgets = new Budgets({
    budgets: config.budgets,
    prices,
    timeZone,
    usage: store.usage,
    clock,
    log,
    notify: (notice) => delivery.notify(notice),
  });
  kernel.provide(usageServices({ usage: store.usage, budgets, timeZone, clock }));
  const endpoint = new ModelEndpoint({ config, budgets, redactor, clock, log });
  releases.push(() => endpoint.close());
  kernel.provide(endpointServices(endpoint));
  kernel.provide(identityServices(identity.pair));
  const tools = toolServices({ kernel, settings: store.settings, sections: config.plugins, log });
  kernel.provide(tools.capabilities);
  const delivery = createDelivery({
    app: rootName,
    store,
    registry: kernel.registry,
    router: kernel.router,
    calls: journal.calls,
    emit: (event, payload) => kernel.emit(event, payload),
    plugins: () => kernel.plugins(),
    clock,
    log,
    version,
    random: Math.random,
  });
  releases.push(() => delivery.stop());
  kernel.provide(delivery.capabilities);
  await kernel.start(shipped, last);
  tools.restore();

  const metrics = new Metrics(clock);
  const router = countCalls(kernel.router, metrics, clock);
  const { registry } = kernel;
  const agentHost: ResumableAgentHost = await createAgentHost({
    config,
    registry,
    router,
    store,
    budgets,
    redactor,
    wasAsked: (capability, key, args) => approvals.wasAsked(capability, key, args),
    calls: journal.calls,
    emit: async (event, payload) => {
      metrics.hear(event, payload);
      await kernel.emit(event, payload);
    },
    clock,
    log,
  });
  releases.push(() => agentHost.stop(limits.drainMs));

  const gateway = await createGateway({
    config,
    version,
    token: createToken(token.value),
    agentHost,
    registry,
    router,
    store,
    plugins: () => kernel.plugins(),
    medic: kernel.medic,
    deployer: deployments.deployer,
    questions: delivery.questions,
    lanes: () => deployments.lanes.list(),
    metrics,
    log,
    clock,
    uiFolder: uiFolder(paths.root),
  });
  releases.push(() => gateway.close());
  const notices = [...store.notices, ...journal.notices, ...identityNotices(identity)];
  return { store, token, kernel, deployments, delivery, agentHost, gateway, notices };
}

/** From here on it works for people. */
async function open(assembling: Assembling, stop: () => Promise<void>): Promise<Claw> {
  const { config, version, log, clock, releases } = assembling;
  const { data } = config.paths;
  const parts = await assemble(assembling);
  const { store, token, kernel, deployments, delivery, agentHost, gateway, notices } = parts;
  delivery.start(agentHost);
  const urls = await gateway.listen();
  const stopping = new AbortController();
  const deployed = startDeployed(kernel, deployments, agentHost, delivery, log, stopping.signal);
  writeRunFile(data, { pid: process.pid, ...urls, version, startedAt: clock.now() });
  releases.push(() => removeRunFile(data, process.pid));
  releases.push(
    scheduleBackups(store, clock, (result) => {
      if ('backup' in result) log.info('backup.made', { file: result.backup.file });
      else log.error('backup.failed', { error: String(result.error) });
    }),
    () => stopping.abort(),
  );
  return { urls, token, kernel, agentHost, deployed, notices, stop };
}

function identityNotices({ isNew, wasExposed, pair }: FoundIdentity): readonly string[] {
  if (isNew) return [`A key was made for this claw; it is kept in data/identity.pem. Fingerprint ${pair.fingerprint}`];
  return wasExposed ? ['The file data/identity.pem was readable by others; it no longer is. Consider a new key.'] : [];
}

/** What lies on the volume starts beside the first messages; turns that a crash has cut wait for it, as their tools may be there. */
async function startDeployed(
  kernel: Kernel,
  { extensions, start }: Deployments,
  agentHost: ResumableAgentHost,
  delivery: Delivery,
  log: Log,
  stopping: AbortSignal,
): Promise<void> {
  try {
    await kernel.settled();
    if (!kernel.isSafeMode) {
      await extensions.start();
      await start();
    }
  } catch (error) {
    log.error('deployed.failed', { error: error instanceof Error ? error.message : String(error) });
  }
  // The next host resumes them.
  if (stopping.aborted) return;
  const resumed = agentHost.resume();
  delivery.resume(resumed);
  if (resumed.length > 0) log.info('turns.resumed', { turns: resumed.map((turn) => turn.id) });
}

/** Makes the folders of a new claw, and the operator's file with every setting commented out. */
function layOut({ paths }: Config): void {
  const isNewClaw = !existsSync(paths.database);
  const builds = join(paths.root, 'builds');
  for (const folder of [paths.root, paths.data, paths.soul, paths.files, builds])
    mkdirSync(folder, { recursive: true });
  layOutPublicFolder(paths.public, isNewClaw);
  if (!existsSync(paths.clayJson) && isWritable(paths.root))
    writeFileSync(paths.clayJson, clayJsonTemplate(), { flag: 'wx' });
}

/** In a container only the volumes are: there the operator's file is mounted, or absent. */
function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** ADK's web pages, where somebody has put them: `CLAY_DEV_UI`, the claw's own folder, or where the script leaves them, seen from the bundle and from the sources. */
function uiFolder(root: string): string {
  const host = import.meta.dirname;
  const fetched = [join(dirname(dirname(host)), 'dev-ui'), join(host, 'dist', 'dev-ui')];
  const candidates = [process.env.CLAY_DEV_UI, join(root, 'dev-ui'), ...fetched];
  return candidates.find((folder) => folder && existsSync(join(folder, 'index.html'))) ?? join(root, 'dev-ui');
}
