import { printTable } from '../row.ts';
import { deliveryRows } from './rows.ts';

printTable(await deliveryRows());
