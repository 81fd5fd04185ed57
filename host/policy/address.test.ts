import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPublicAddress } from './address.ts';

const publicAddresses = [
  '1.1.1.1',
  '8.8.8.8',
  '172.15.255.255',
  '172.32.0.1',
  '192.167.1.1',
  '100.63.0.1',
  '100.128.0.1',
  '223.255.255.255',
  '2606:4700:4700::1111',
  '2a00:1450:4001:81b::200e',
  '::ffff:8.8.8.8',
  '64:ff9b::808:808',
];
const refusedAddresses = [
  '0.0.0.0',
  '0.1.2.3',
  '10.0.0.1',
  '10.255.255.255',
  '127.0.0.1',
  '127.255.255.254',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.0.1',
  '192.0.0.192',
  '100.64.0.1',
  '100.100.100.200',
  '198.18.0.1',
  '198.51.100.7',
  '203.0.113.9',
  '224.0.0.1',
  '239.1.2.3',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '::ffff:a9fe:a9fe',
  '0:0:0:0:0:ffff:10.0.0.1',
  '64:ff9b::7f00:1',
  '64:ff9b::a9fe:a9fe',
  '64:ff9b:1::1',
  '::127.0.0.1',
  'fc00::1',
  'fd00:ec2::254',
  'fe80::1',
  'fe80::1%eth0',
  'fec0::1',
  'ff02::1',
  '2001:db8::1',
  '2001::1',
  '2002:7f00:1::',
  '3fff::1',
  '100::1',
  '[::1]',
  '[::ffff:127.0.0.1]',
  '',
  'localhost',
  'example.com',
  '1.2.3',
  '0x7f.1',
  '2130706433',
  '1.1.1.1:80',
  ' 1.1.1.1',
];

for (const address of publicAddresses) {
  test(`${address} is public`, () => assert.equal(isPublicAddress(address), true));
}
for (const address of refusedAddresses) {
  test(`${JSON.stringify(address)} is not public`, () => assert.equal(isPublicAddress(address), false));
}

const spellings = [
  'http://2130706433/',
  'http://0x7f000001/',
  'http://0177.0.0.1/',
  'http://0x7f.1/',
  'http://127.1/',
  'http://127.0.1/',
  'http://[::ffff:127.0.0.1]/',
  'http://[0:0:0:0:0:ffff:7f00:1]/',
  'http://[::1]/',
  'http://①②⑦.⓪.⓪.①/',
  'http://2852039166/',
  'http://0xa9fea9fe/',
  'http://[64:ff9b::169.254.169.254]/',
  'http://0/',
  'http://0.0.0.0./',
];
for (const spelling of spellings) {
  test(`${spelling} is seen through`, () => {
    const { hostname } = new URL(spelling);
    assert.equal(isPublicAddress(hostname), false, hostname);
  });
}
