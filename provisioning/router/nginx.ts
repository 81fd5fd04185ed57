import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Operator } from '../claw/operator.ts';
import { fillTemplate } from '../claw/template.ts';
import type { Environment } from '../command.ts';
import { runProgram } from '../setup/program.ts';

export function nginxClaw(
  { domain, certificates }: Pick<Operator, 'domain' | 'certificates'>,
  username: string,
  port: number,
): string {
  return fillTemplate('nginx-user.conf.tpl', {
    USERNAME: username,
    DOMAIN: domain,
    CERTIFICATES: certificates,
    PORT: String(port),
  });
}

/** The door for all. Without a certificate only its plain half, as nginx would start with nothing else. */
export function nginxSite(
  { nginx, certificates }: Pick<Operator, 'nginx' | 'certificates'>,
  isSecure: boolean,
): string {
  const site = fillTemplate('nginx-site.conf.tpl', {
    NGINX: nginx,
    CERTIFICATES: certificates,
    SECURE_BEGIN: '\0',
    SECURE_END: '\0',
  });
  const [plain = '', secure = ''] = site.split('\0');
  return isSecure ? plain + secure.trimStart() : plain;
}

function clawFile({ nginx }: Operator, username: string): string {
  return join(nginx, 'claw-users', `${username}.conf`);
}

/** Nginx is asked whether it can read the file before it is told to. */
export async function addNginxClaw(
  operator: Operator,
  username: string,
  port: number,
  env: Environment,
): Promise<void> {
  mkdirSync(join(operator.nginx, 'claw-users'), { recursive: true });
  writeFileSync(clawFile(operator, username), nginxClaw(operator, username, port), { mode: 0o644 });
  await reloadNginx(env);
}

export async function removeNginxClaw(operator: Operator, username: string, env: Environment): Promise<void> {
  if (!existsSync(clawFile(operator, username))) return;
  rmSync(clawFile(operator, username));
  await reloadNginx(env);
}

async function reloadNginx(env: Environment): Promise<void> {
  const nginx = env.NGINX || 'nginx';
  await runProgram(nginx, ['-t'], env);
  await runProgram(nginx, ['-s', 'reload'], env);
}
