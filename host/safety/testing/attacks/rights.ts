import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '@clay/sdk';
import type { Attack } from '../attack.ts';
import { type Lab, tells } from '../lab.ts';
import { greedyManifest, greedySource, harmlessSource } from './greedy.ts';

/** What a plugin that asked for everything makes of a try. */
const tries = async (lab: Lab, what: string, plugin = 'greedy') =>
  await lab.tool(`${plugin.replaceAll('-', '_')}_try`, { what });
const succeeds = async (lab: Lab, what: string) => (await tries(lab, what)).includes('"done"');

const originOf = async (lab: Lab, plugin: string) => {
  const plugins = JSON.parse(await lab.admin('/api/admin/plugins')) as readonly JsonObject[];
  return plugins.find(({ name }) => name === plugin)?.origin;
};

/** What the agent may give itself. */
export const rightsAttacks: readonly Attack[] = [
  {
    action: 'start a program',
    outcomes: { off: 'a yes', ask: 'a yes', plain: 'possible', hardened: 'possible' },
    because:
      '`CLAY_SHELL` decides for the shell, and for what takes the place of a plugin that ships; ceilings for all others',
    ways: {
      'by the shell': async (lab) => (await lab.shell('echo "ran"-it')).includes('ran-it'),
      'by a skill': async (lab) => {
        const manual = '---\nname: evil\ndescription: Does as it likes.\n---\nRun it.';
        await lab.tool('write', { path: 'data/skills/evil/SKILL.md', content: manual });
        await lab.tool('write', { path: 'data/skills/evil/scripts/go.sh', content: 'echo "ran"-it\n' });
        return (await lab.tool('skill_run', { skill_name: 'evil', script: 'go.sh' })).includes('ran-it');
      },
      'in place of a plugin that ships and may': async (lab) => {
        const source = greedySource('text-browser', lab);
        await lab.deploy('text-browser', source, { permissions: ['shell'], placement: 'process' });
        await tries(lab, 'spawn', 'text-browser');
        return existsSync(join(lab.trace, 'text-browser'));
      },
      'as an MCP server': async (lab) => {
        const args = ['-c', `echo started > ${lab.trace}/mcp`];
        await lab.tool('mcp_propose', { name: 'evil', command: 'sh', args, why: 'needed' });
        return existsSync(join(lab.trace, 'mcp'));
      },
    },
  },
  {
    action: 'start a program by a plugin of its own, past its permissions',
    outcomes: { off: 'a yes', ask: 'a yes', plain: 'a yes', hardened: 'a yes' },
    because:
      'what a manifest asks for beyond the ceilings is withheld until a person grants it; Node’s permission model holds it to that',
    ways: {
      'by what its manifest asks for': async (lab) => {
        await lab.deploy('greedy', greedySource('greedy', lab), greedyManifest);
        if (!(await succeeds(lab, 'nothing'))) throw new Error('The plugin that tries does not serve.');
        return (await succeeds(lab, 'spawn')) || existsSync(join(lab.trace, 'greedy'));
      },
      'by a thread without permissions': async (lab) => await succeeds(lab, 'worker'),
      'by the tool of another': async (lab) => (await tries(lab, 'bash')).includes('ran-it'),
    },
  },
  {
    action: 'read files, connect, or use a secret by a plugin of its own, past its permissions',
    outcomes: { off: 'impossible', ask: 'impossible', plain: 'impossible', hardened: 'impossible' },
    because: 'as above',
    ways: {
      'a file of the host': async (lab) => tells(await tries(lab, 'token'), lab.token),
      'the environment of the host': async (lab) => tells(await tries(lab, 'environ'), lab.providerKey),
      'a connection of its own': async (lab) => await succeeds(lab, 'connect'),
      'a secret in a header': async (lab) => await succeeds(lab, 'secret'),
    },
  },
  {
    action: 'pass for a person, sign with the claw’s key, or deploy by a plugin of its own',
    outcomes: { off: 'impossible', ask: 'impossible', plain: 'impossible', hardened: 'impossible' },
    because:
      'each is a capability with a permission above the ceilings, and answers of a chat come only from its connector',
    ways: {
      'a message in a person’s name': async (lab) => await succeeds(lab, 'receive'),
      'an answer in a person’s name': async (lab) => await succeeds(lab, 'answer'),
      'a signature': async (lab) => await succeeds(lab, 'sign'),
      'a deployment': async (lab) => await succeeds(lab, 'deploy'),
      'by a script': async (lab) =>
        (
          await lab.script(
            'return "called " + str(call("service:identity.sign", {"bytes": "YQ=="}))',
            'allow(permissions = ["call:service:identity.sign"])',
          )
        ).includes('called {'),
    },
  },
  {
    action: 'signal the host or another plugin by a plugin of its own',
    outcomes: { off: 'impossible', ask: 'impossible', plain: 'impossible', hardened: 'impossible' },
    because: 'the functions for it are taken from a plugin’s process before its code is loaded',
    ways: {
      'a signal': async (lab) => await succeeds(lab, 'signal'),
      'a lower priority': async (lab) => await succeeds(lab, 'priority'),
    },
  },
  {
    action: 'put a plugin of its own in place of one that is protected, such as a connector',
    outcomes: { off: 'a yes', ask: 'a yes', plain: 'a yes', hardened: 'a yes' },
    because: 'a person has to name it in `overrides` of `clay.json` first',
    ways: Object.fromEntries(
      ['telegram', 'matterbridge', 'mcp', 'platform'].map((plugin) => [
        plugin,
        async (lab: Lab) => {
          await lab.deploy(plugin, harmlessSource(plugin), {});
          return (await originOf(lab, plugin)) !== 'image';
        },
      ]),
    ),
  },
  {
    action: 'add an MCP server, whose tools come from strangers',
    outcomes: { off: 'a yes', ask: 'a yes', plain: 'a yes', hardened: 'a yes' },
    because: 'a person is asked with the whole command or address; the yes is for exactly that',
    ways: {
      'a remote one': async (lab) => {
        const url = 'https://mcp.example.com/mcp';
        const answer = await lab.tool('mcp_propose', { name: 'remote', url, why: 'needed' });
        return !answer.includes('"error"');
      },
      'by the file of the settings': async (lab) => {
        const before = readFileSync(join(lab.root, 'clay.json'), 'utf8');
        await lab.tool('write', { path: 'clay.json', content: '{"plugins":{"mcp":{"servers":{}}}}' });
        return readFileSync(join(lab.root, 'clay.json'), 'utf8') !== before;
      },
    },
  },
];
