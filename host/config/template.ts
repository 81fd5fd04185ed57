import { type Setting, settings } from './settings.ts';

/** Columns of a line of explanation. */
const lineColumns = 110;

/** The `clay.json` that a new claw gets: every setting with its meaning and its default, commented out. */
export function clayJsonTemplate(): string {
  const lines = [
    "// The operator's file. Uncomment what you want to change; `clay config` checks it and shows what is in force.",
    '// Environment variables win over this file. Secrets (keys, tokens) come from the environment only.',
    '{',
  ];
  for (const [key, members] of blocks()) {
    if (lines.length > 3) lines.push('');
    const [first] = members;
    if (first?.key === key) lines.push(...entry(key, first, '  // '));
    else {
      lines.push(`  // "${key}": {`);
      for (const setting of members) lines.push(...entry(setting.key!.slice(key.length + 1), setting, '  //   '));
      lines.push('  // },');
    }
  }
  lines.push('}', '');
  return lines.join('\n');
}

function entry(name: string, setting: Setting, indent: string): string[] {
  const meaning = `${setting.doc}${setting.env === null ? '' : ` (${setting.env})`}`;
  return [
    ...wrap(meaning, lineColumns - indent.length).map((line) => indent + line),
    `${indent}"${name}": ${JSON.stringify(setting.fallback)},`,
  ];
}

/** No line begins like one that a person is to uncomment. */
function wrap(text: string, columns: number): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1)!;
    if (line === '' || `${line} ${word}`.length <= columns || /^["}]/.test(word)) {
      lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
    } else lines.push(word);
  }
  return lines;
}

/** By their place in the file, in the order of the table: settings that stand alone, and groups. */
function blocks(): Map<string, Setting[]> {
  const found = new Map<string, Setting[]>();
  for (const setting of Object.values<Setting>(settings)) {
    if (setting.key === null) continue;
    const [group = setting.key] = setting.key.split('.');
    const members = found.get(group);
    if (members) members.push(setting);
    else found.set(group, [setting]);
  }
  return found;
}
