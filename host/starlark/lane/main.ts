// The entry of a lane: started by the host with the pipes of its line.
import { inspectScript, scriptPlugin } from '../script/index.ts';
import { serveLane } from './serve-lane.ts';

serveLane({ define: scriptPlugin, inspect: inspectScript });
