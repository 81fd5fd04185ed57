import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { makePrivateFolder, writePrivate } from '../claw/private-file.ts';
import { findTemplates } from '../claw/template.ts';
import { type AdminCommand, type AdminContext, operatorOptions } from '../command.ts';
import { ProvisioningError } from '../errors.ts';
import { nginxSite } from '../router/nginx.ts';
import { runProgram } from '../setup/program.ts';

export const setupHost: AdminCommand = {
  usage: '[REPOSITORY] [OPTIONS]',
  summary: 'make a server ready for claws',
  help: `
Installs nginx and certbot, makes the folders, writes down what the operator has decided (CLAW_ROOT/operator.json), builds the
image from REPOSITORY (default: this checkout), and lets nginx serve. Without a certificate nginx gets only its plain half, and this
says how to come to one; run it again then. Running it again does no harm.

  --domain DOMAIN        claws are USERNAME.DOMAIN; default claw.gather.is
  --router nginx|traefik|none
  --image, --memory, --cpus, --pids
                         for every claw that is made from now on
  --no-install           leaves the packages alone
  --no-build             leaves the image alone
`,
  options: {
    ...operatorOptions,
    'no-install': { type: 'boolean' },
    'no-build': { type: 'boolean' },
  },
  maxArgs: 1,
  run,
};

async function run(context: AdminContext): Promise<number> {
  const { operator, docker, options, args, say, print } = context;
  const repository = resolve(args[0] ?? join(findTemplates(), '..'));
  if (options['no-build'] !== true && !existsSync(join(repository, 'docker', 'Dockerfile')))
    throw new ProvisioningError('BAD_OPTION', `${repository} has no docker/Dockerfile; it must be a checkout of Clay.`);
  await docker.run(['version', '--format', '{{.Server.Version}}']);
  const { root, ...decided } = operator;
  const { domain, router, image, memory, cpus, pids, certResolver, traefik, nginx, certificates } = decided;
  for (const folder of ['users', 'backups', 'locks', 'ports']) makePrivateFolder(join(root, folder));
  makePrivateFolder(root);
  const kept = { domain, router, image, memory, cpus, pids, certResolver, traefik, nginx, certificates };
  writePrivate(join(root, 'operator.json'), `${JSON.stringify(kept, null, 2)}\n`);
  say(`settings of this host: ${join(root, 'operator.json')}`);

  if (router === 'nginx') await setUpNginx(context);
  if (options['no-build'] !== true) {
    say(`building ${image}`);
    await docker.run(['build', '--tag', image, '--file', join(repository, 'docker', 'Dockerfile'), repository]);
  }
  print(`DNS: let ${domain} and *.${domain} lead to this host.`);
  if (router === 'nginx' && !existsSync(join(certificates, 'fullchain.pem'))) {
    print('Certificate: none yet. With a token of your DNS provider in /root/.secrets/cloudflare.ini (mode 0600):');
    print(
      `  certbot certonly --dns-cloudflare --dns-cloudflare-credentials /root/.secrets/cloudflare.ini -d '${domain}' -d '*.${domain}'`,
    );
    print('Then run setup-host again.');
    return 0;
  }
  print('This host is ready: provision USERNAME');
  return 0;
}

async function setUpNginx({ operator, options, env, say }: AdminContext): Promise<void> {
  if (options['no-install'] !== true) {
    say('installing nginx and certbot');
    const quiet = { ...env, DEBIAN_FRONTEND: 'noninteractive' };
    await runProgram('apt-get', ['update', '-qq'], quiet);
    await runProgram('apt-get', ['install', '-y', '-qq', 'nginx', 'certbot', 'python3-certbot-dns-cloudflare'], quiet);
  }
  const isSecure = existsSync(join(operator.certificates, 'fullchain.pem'));
  const available = join(operator.nginx, 'sites-available', 'claw');
  const enabled = join(operator.nginx, 'sites-enabled', 'claw');
  for (const folder of [dirname(available), dirname(enabled), join(operator.nginx, 'claw-users')])
    mkdirSync(folder, { recursive: true });
  writeFileSync(available, nginxSite(operator, isSecure));
  if (!existsSync(enabled)) symlinkSync(available, enabled);
  // The page that Debian's nginx begins with wants to be the default as well; the file itself stays in sites-available.
  rmSync(join(operator.nginx, 'sites-enabled', 'default'), { force: true });
  const nginx = env.NGINX || 'nginx';
  await runProgram(nginx, ['-t'], env);
  await runProgram(nginx, ['-s', 'reload'], env);
  say(isSecure ? 'nginx serves claws' : 'nginx serves port 80 only, until there is a certificate');
}
