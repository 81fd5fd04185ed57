// npm run bench is for the whole claw; this measures generations alone: node host/bench/generations/main.ts [--quick]
import { printTable } from '../row.ts';
import { generationRows } from './rows.ts';

printTable(await generationRows(process.argv.includes('--quick')));
