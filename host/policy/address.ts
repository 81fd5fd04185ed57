import { BlockList, isIP } from 'node:net';

/** Ranges that no plugin may reach: private, loopback, link-local (cloud metadata), carrier, multicast, reserved. */
const refusedRanges: readonly (readonly [string, number, 'ipv4' | 'ipv6'])[] = [
  ['0.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.0.0.0', 24, 'ipv4'],
  ['192.0.2.0', 24, 'ipv4'],
  ['192.88.99.0', 24, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['198.18.0.0', 15, 'ipv4'],
  ['198.51.100.0', 24, 'ipv4'],
  ['203.0.113.0', 24, 'ipv4'],
  ['224.0.0.0', 4, 'ipv4'],
  ['240.0.0.0', 4, 'ipv4'],
  // Metadata services that answer on public-looking addresses: Alibaba Cloud, Oracle Cloud.
  ['100.100.100.200', 32, 'ipv4'],
  ['192.0.0.192', 32, 'ipv4'],
];

/** Global unicast is 2000::/3; of it, the ranges that embed or stand for other addresses. */
const refusedGlobal: readonly (readonly [string, number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];

const refused = new BlockList();
for (const [address, prefix, family] of refusedRanges) refused.addSubnet(address, prefix, family);
for (const [address, prefix] of refusedGlobal) refused.addSubnet(address, prefix, 'ipv6');

const globalUnicast = new BlockList();
globalUnicast.addSubnet('2000::', 3, 'ipv6');
const nat64 = new BlockList();
nat64.addSubnet('64:ff9b::', 96, 'ipv6');

/**
 * Whether an address, in the form that DNS or the URL parser gives, is public. An IPv6 address that carries an IPv4 one
 * (mapped, NAT64) is judged by that; what is not clearly global unicast is refused.
 */
export function isPublicAddress(address: string): boolean {
  const bare = address.replace(/^\[|\]$/g, '').replace(/%.*$/, '');
  switch (isIP(bare)) {
    case 4:
      return !refused.check(bare, 'ipv4');
    case 6: {
      const embedded = embeddedIpv4(bare);
      if (embedded !== null) return !refused.check(embedded, 'ipv4');
      return globalUnicast.check(bare, 'ipv6') && !refused.check(bare, 'ipv6');
    }
    default:
      return false;
  }
}

/** The IPv4 address inside `::ffff:0:0/96` and `64:ff9b::/96`, the two that public hosts are reached by. */
function embeddedIpv4(address: string): string | null {
  const groups = expand(address);
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (!isMapped && !nat64.check(address, 'ipv6')) return null;
  const [high, low] = [groups[6]!, groups[7]!];
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
}

/** The eight groups of an IPv6 address that {@link isIP} has accepted. */
function expand(address: string): readonly number[] {
  const dotted = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) => {
    return `${((Number(a) << 8) | Number(b)).toString(16)}:${((Number(c) << 8) | Number(d)).toString(16)}`;
  });
  const [head = '', tail] = dotted.split('::');
  const parse = (part: string) => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16)));
  const [first, last] = [parse(head), parse(tail ?? '')];
  if (tail === undefined) return first;
  return [...first, ...new Array<number>(8 - first.length - last.length).fill(0), ...last];
}
