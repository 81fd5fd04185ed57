// The entry of a lane: started by the host with a pipe at descriptor 3.
import { inspectScript, scriptPlugin } from '../script/index.ts';
import { serveLane } from './serve-lane.ts';

serveLane({ define: scriptPlugin, inspect: inspectScript });
