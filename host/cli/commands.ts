import type { Command } from './command.ts';

interface CommandEntry {
  /** Begins a group of the help; as short as a command, as it stands in their column. */
  readonly heading?: string;
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

/** Every command, in the order of the help. Each is loaded only when it runs. */
export const commands: Readonly<Record<string, CommandEntry>> = {
  start: {
    heading: 'Every day',
    summary: 'start the claw',
    load: async () => (await import('./commands/start.ts')).start,
  },
  chat: {
    summary: 'talk to a running claw',
    load: async () => (await import('./commands/chat.ts')).chat,
  },
  questions: {
    summary: 'show and answer what waits for a yes',
    load: async () => (await import('./commands/questions.ts')).questions,
  },
  config: {
    summary: 'show the configuration in force, and check clay.json',
    load: async () => (await import('./commands/config.ts')).config,
  },
  doctor: {
    summary: 'check everything that a claw needs, and say what to do',
    load: async () => (await import('./commands/doctor.ts')).doctor,
  },
  plugins: {
    summary: 'list the plugins of a running claw',
    load: async () => (await import('./commands/plugins.ts')).plugins,
  },
  tools: {
    summary: 'list the tools that the model is offered',
    load: async () => (await import('./commands/tools.ts')).tools,
  },
  version: {
    summary: 'show the versions of Clay and Node',
    load: async () => (await import('./commands/version.ts')).version,
  },
  generations: {
    heading: 'Deployed',
    summary: 'list the generations of plugins and extensions',
    load: async () => (await import('./commands/generations.ts')).generations,
  },
  rollback: {
    summary: 'take back the generation of a plugin that serves now',
    load: async () => (await import('./commands/rollback.ts')).rollback,
  },
  quarantine: {
    summary: 'forbid a build of a plugin',
    load: async () => (await import('./commands/quarantine.ts')).quarantine,
  },
  unquarantine: {
    summary: 'allow a build again that was forbidden',
    load: async () => (await import('./commands/quarantine.ts')).unquarantine,
  },
  crashes: {
    summary: 'list the crashes of plugins and extensions',
    load: async () => (await import('./commands/crashes.ts')).crashes,
  },
  watch: {
    summary: 'follow what happens to plugins and extensions',
    load: async () => (await import('./commands/watch.ts')).watch,
  },
  grant: {
    heading: 'Rights',
    summary: 'allow a plugin or extension what it asks for',
    load: async () => (await import('./commands/grant.ts')).grant,
  },
  revoke: {
    summary: 'take back what was granted',
    load: async () => (await import('./commands/revoke.ts')).revoke,
  },
  grants: {
    summary: 'list what plugins and extensions may be given',
    load: async () => (await import('./commands/grants.ts')).grants,
  },
  new: {
    heading: 'For authors',
    summary: 'make a plugin or an extension to begin with',
    load: async () => (await import('./commands/new.ts')).makeNew,
  },
  check: {
    summary: 'say what is wrong with a plugin or an extension',
    load: async () => (await import('./commands/check.ts')).check,
  },
  dev: {
    summary: 'deploy a plugin or an extension on every save',
    load: async () => (await import('./commands/dev.ts')).dev,
  },
  sessions: {
    heading: 'Data',
    summary: 'list, show, delete and rewind conversations',
    load: async () => (await import('./commands/sessions.ts')).sessions,
  },
  backup: {
    summary: 'copy the database while the claw runs, or when it does not',
    load: async () => (await import('./commands/backup.ts')).backup,
  },
  restore: {
    summary: 'put a backup in the place of the database of a stopped claw',
    load: async () => (await import('./commands/restore.ts')).restore,
  },
  container: {
    heading: 'Containers',
    summary: 'be the claw of a container',
    load: async () => (await import('./commands/container.ts')).container,
  },
  standby: {
    summary: 'say how far a container in standby is',
    load: async () => (await import('./commands/standby.ts')).standby,
  },
  preflight: {
    summary: 'say whether this version could be the claw, while another one is',
    load: async () => (await import('./commands/preflight.ts')).preflight,
  },
  'build-service': {
    summary: 'build plugins for other claws over HTTP',
    load: async () => (await import('./commands/build-service.ts')).buildService,
  },
  admin: {
    summary: 'make, patch, back up and take down the claws of a server',
    load: async () => (await import('./commands/admin.ts')).admin,
  },
};
