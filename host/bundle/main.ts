import { dirname } from 'node:path';
import { bundle } from './bundle.ts';

const [outdir] = process.argv.slice(2);
if (outdir === undefined) throw new Error('usage: node main.ts OUTDIR');
await bundle(dirname(dirname(import.meta.dirname)), outdir);
