/**
 * Names that belong to the platform: a claw is `<name>.<domain>`, and whoever got one of these would speak for the platform, or
 * receive what is meant for it.
 */
export const reservedNames: readonly string[] = [
  ...['admin', 'administrator', 'api', 'app', 'apps', 'auth', 'account', 'accounts', 'billing', 'login', 'oauth', 'sso'],
  ...['chat', 'claw', 'claws', 'clay', 'gather', 'mcp', 'platform', 'skills', 'system', 'workspace', 'workspaces'],
  ...['www', 'web', 'mail', 'email', 'smtp', 'imap', 'pop', 'mx', 'ftp', 'ssh', 'vpn', 'ns1', 'ns2', 'dns', 'wpad', 'autoconfig'],
  ...['autodiscover', 'localhost', 'local', 'root', 'host', 'internal', 'status', 'health', 'metrics', 'monitor', 'grafana'],
  ...['traefik', 'nginx', 'proxy', 'router', 'gateway', 'edge', 'docker', 'registry', 'build', 'builds', 'buildservice'],
  ...['assets', 'static', 'cdn', 'blog', 'docs', 'help', 'support', 'security', 'abuse', 'postmaster', 'hostmaster', 'webmaster'],
  ...['debug', 'test', 'staging', 'dev', 'demo', 'next', 'old', 'null', 'undefined'],
];
