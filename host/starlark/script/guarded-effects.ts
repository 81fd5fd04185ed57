import { ClayError, parsePermission } from '@clay/sdk';
import type { Effects } from '@clay/starlark-stdlib';
import { clawPath } from './claw-path.ts';
import { allowLine, isCovered, permissionFor } from './script-permissions.ts';
import type { ScriptRights } from './script-rights.ts';

/**
 * Effects of a file within what it declares. What it does not declare is refused here, in the words of a file: the host would
 * refuse it too, without knowing how a file says it; and a test would not.
 */
export function guardedEffects(effects: Effects, rights: ScriptRights): Effects {
  const use = async <T>(permission: string | null, effect: () => Promise<T>): Promise<T> => {
    if (permission === null) return effect();
    if (!isCovered(permission, rights.permissions)) throw undeclared(rights, permission);
    try {
      return await effect();
    } catch (error) {
      throw explained(rights, error);
    }
  };
  const withPath = async <T>(permission: string, path: string, effect: (plain: string) => Promise<T>): Promise<T> => {
    const plain = clawPath(path);
    return use(`${permission}:${plain}`, () => effect(plain));
  };
  /** The names of the secrets that were asked for, by what stands for them. */
  const secrets = new Map<string, string>();
  /** What this call is updating: it would wait for itself. */
  const held = new Set<string>();
  return {
    http: (request) =>
      use(hostPermission(request.url), async () => {
        for (const text of Object.values(request.headers))
          for (const [placeholder, name] of secrets)
            if (text.includes(placeholder)) requireSecretFor(rights, name, request.url);
        return effects.http(request);
      }),
    secret: (name) => {
      const declared = declaredSecret(rights, name);
      try {
        const placeholder = effects.secret(name);
        secrets.set(placeholder, name);
        return placeholder;
      } catch (error) {
        throw error instanceof ClayError && error.code === 'REFUSED' ? withheld(rights, declared, error) : error;
      }
    },
    hasSecret: (name) => use(declaredSecret(rights, name), () => effects.hasSecret(name)),
    readFile: (path) => withPath('fs.read', path, (plain) => effects.readFile(plain)),
    writeFile: (path, text) => withPath('fs.write', path, (plain) => effects.writeFile(plain, text)),
    listFiles: (path) => withPath('fs.read', path, (plain) => effects.listFiles(plain)),
    removeFile: (path) => withPath('fs.write', path, (plain) => effects.removeFile(plain)),
    getValue: (key) => effects.getValue(key),
    setValue: (key, value) => effects.setValue(key, value),
    deleteValue: (key) => effects.deleteValue(key),
    listKeys: (prefix) => effects.listKeys(prefix),
    exclusive: (key, body) => {
      if (held.has(key)) throw new ClayError('CONFLICT', heldMessage(key));
      return effects.exclusive(key, async () => {
        held.add(key);
        try {
          return await body();
        } finally {
          held.delete(key);
        }
      });
    },
    call: (capability, args) => use(permissionFor(capability), () => effects.call(capability, args)),
  };
}

function heldMessage(key: string): string {
  const [, path] = /^file:(.*)$/s.exec(key) ?? [];
  const subject = path === undefined ? `the key ${JSON.stringify(key)}` : `the file ${path}`;
  return `${subject} is being updated by this very call: ${path === undefined ? 'set' : 'write'} it once, at the end`;
}

/** What a URL needs; null where it is none, which the host tells best. */
function hostPermission(url: string): string | null {
  const parsed = URL.parse(url);
  return parsed === null || parsed.hostname === '' ? null : `http:${parsed.hostname}`;
}

/** The permission by which the file may use a secret. */
function declaredSecret(rights: ScriptRights, name: string): string {
  const declared = rights.permissions.find((each) => each.startsWith(`secret:${name}@`));
  if (declared === undefined) throw undeclared(rights, `secret:${name}@${hostOf(rights)}`);
  return declared;
}

function requireSecretFor(rights: ScriptRights, name: string, url: string): void {
  const host = URL.parse(url)?.hostname ?? '<host>';
  const permission = `secret:${name}@${host}`;
  if (!rights.permissions.includes(permission)) throw undeclared(rights, permission);
}

/** The host that a secret is for, where the file asks only one. */
function hostOf({ permissions }: ScriptRights): string {
  const hosts = permissions.filter((each) => /^http:[^*]+$/.test(each));
  return hosts.length === 1 ? hosts[0]!.slice('http:'.length) : '<host>';
}

function undeclared({ name, isDeclared }: ScriptRights, permission: string, cause?: unknown): ClayError {
  const subject = `${subjectOf(permission)} is not among`;
  const message = isDeclared
    ? `${subject} what the file allows: add ${allowLine(permission)} at its top level`
    : `${subject} what a file may do that says nothing (ask public hosts, read public, read and write files/${name}): add ${allowLine(permission)} at its top level, with whatever else it needs`;
  return new ClayError('REFUSED', message, cause === undefined ? {} : { cause });
}

/**
 * A refusal of the host for want of a permission, in the words of a file. What is missing need not be what was asked for: a
 * redirect leads to another host.
 */
function explained(rights: ScriptRights, error: unknown): unknown {
  if (!(error instanceof ClayError) || error.code !== 'REFUSED') return error;
  const quoted = [...error.message.matchAll(/"([^"]+)"/g)].map(([, text = '']) => text);
  const missing = quoted.find((text) => typeof parsePermission(text) !== 'string');
  if (missing === undefined) return error;
  return isCovered(missing, rights.permissions) ? withheld(rights, missing, error) : undeclared(rights, missing, error);
}

/** The file declares it: then it is the operator's to give. */
function withheld({ name }: ScriptRights, permission: string, cause: unknown): ClayError {
  const message = `${subjectOf(permission)} is declared, but the operator's ceiling does not allow it: ask the operator to run ${grantLine(name, permission)}, or to add ${JSON.stringify(permission)} to "ceilings" in clay.json`;
  return new ClayError('REFUSED', message, { cause });
}

/** The command of the operator; a shell would take a star for file names. */
function grantLine(name: string, permission: string): string {
  return `clay grant ${name} ${permission.includes('*') ? `'${permission}'` : permission}`;
}

function subjectOf(permission: string): string {
  const [name = '', argument = ''] = permission.split(/:(.*)/s);
  switch (name) {
    case 'http':
      return `the host ${argument}`;
    case 'fs.read':
      return `reading ${argument}`;
    case 'fs.write':
      return `writing ${argument}`;
    case 'secret':
      return `the secret ${argument.replace(/@.*/, '')}${argument.endsWith('@<host>') ? '' : ` for ${argument.replace(/.*@/, '')}`}`;
    case 'call':
      return argument.startsWith('tool:') ? `the tool ${argument.slice('tool:'.length)}` : argument;
    default:
      return name;
  }
}
