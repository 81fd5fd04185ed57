#!/usr/bin/env node
// The `clay` of a checkout: whatever Node starts it, the bootstrap hands over to the pinned one.
process.argv.splice(2, 0, 'clay');
await import('../bootstrap.mjs');
