import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A proxy that programs use as `HTTPS_PROXY`, trusting `ca` (a file, for `SSL_CERT_FILE`). */
export interface ConnectProxy extends AsyncDisposable {
  readonly url: string;
  readonly ca: string;
}

const telegram = 'api.telegram.org';

/**
 * Stands for api.telegram.org to programs whose address of it cannot be changed: it ends the TLS of every CONNECT, whatever
 * the host, and hands the requests to `listener`. Plain requests to the proxy itself go to `control`. Needs openssl.
 */
export async function openConnectProxy(listener: RequestListener, control?: RequestListener): Promise<ConnectProxy> {
  const folder = mkdtempSync(join(tmpdir(), 'clay-proxy-'));
  const { key, cert, ca } = createCertificates(folder);
  const inner = createTlsServer({ key, cert }, listener);
  const proxy = createServer(control);
  const sockets = new Set<Socket>();
  proxy.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  proxy.on('connect', (_, socket) => {
    socket.write('HTTP/1.1 200 OK\r\n\r\n');
    inner.emit('connection', socket);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    ca,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => proxy.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
      rmSync(folder, { recursive: true });
    },
  };
}

/** An authority that only this proxy has, and a certificate for Telegram by it. */
function createCertificates(folder: string) {
  const file = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const constraints = ['-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign'];
  openssl(
    'req',
    '-x509',
    ...key,
    '-keyout',
    file('ca.key'),
    '-out',
    file('ca.pem'),
    '-days',
    '2',
    '-subj',
    '/CN=test',
    ...constraints,
  );
  openssl('req', ...key, '-keyout', file('server.key'), '-out', file('server.csr'), '-subj', `/CN=${telegram}`);
  writeFileSync(file('extensions'), `subjectAltName=DNS:${telegram}\nextendedKeyUsage=serverAuth\n`);
  const signing = ['-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial', '-extfile', file('extensions')];
  openssl('x509', '-req', '-in', file('server.csr'), ...signing, '-out', file('server.pem'), '-days', '2');
  return { key: readFileSync(file('server.key')), cert: readFileSync(file('server.pem')), ca: file('ca.pem') };
}
