import type { Value } from '../value/value.ts';
import { jsonModule } from './json.ts';
import { mathModule } from './math.ts';
import { reModule } from './re.ts';
import { structFunction } from './struct.ts';
import { timeModule } from './time.ts';

/**
 * The modules that a host can predeclare. `re` needs an engine and `time.now` a clock from the host.
 *
 * @example
 * const { program } = compile('x = math.floor(2.5)\n', { predeclared: standardModules() });
 * program!.run(new Thread()).get('x'); // 2
 */
export function standardModules(): ReadonlyMap<string, Value> {
  return new Map<string, Value>([
    ['json', jsonModule],
    ['math', mathModule],
    ['re', reModule],
    ['struct', structFunction],
    ['time', timeModule],
  ]);
}
