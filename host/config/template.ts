import { type Setting, settings } from './settings.ts';

/** The `clay.json` that a new claw gets: every setting with its meaning and its default, commented out. */
export function clayJsonTemplate(): string {
  const lines = [
    "// The operator's file. Uncomment what you want to change; `clay config` checks it and shows what is in force.",
    '// Environment variables win over this file. Secrets (keys, tokens) come from the environment only.',
    '{',
  ];
  for (const [group, members] of grouped()) {
    if (group === null) for (const setting of members) lines.push(...entry(setting.key!, setting, '  '));
    else {
      lines.push(`  // "${group}": {`);
      for (const setting of members) lines.push(...entry(setting.key!.slice(group.length + 1), setting, '  //   '));
      lines.push('  // },');
    }
  }
  lines.push('}', '');
  return lines.join('\n');
}

function entry(name: string, setting: Setting, indent: string): string[] {
  const comment = indent.startsWith('  //') ? '' : '// ';
  return [
    `${indent}${comment}${setting.doc}${setting.env === null ? '' : ` (${setting.env})`}`,
    `${indent}${comment}"${name}": ${JSON.stringify(setting.fallback)},`,
  ];
}

function grouped(): Map<string | null, Setting[]> {
  const groups = new Map<string | null, Setting[]>();
  for (const setting of Object.values<Setting>(settings)) {
    if (setting.key === null) continue;
    const dot = setting.key.indexOf('.');
    const group = dot < 0 ? null : setting.key.slice(0, dot);
    const members = groups.get(group);
    if (members) members.push(setting);
    else groups.set(group, [setting]);
  }
  return groups;
}
