import { createStreamPort, openLine } from '@clay/sdk/wire';
import { systemClock } from '../../clock.ts';
import { type FromLane, parseToLane, type ToLane } from './lane-message.ts';
import { type RunLaneOptions, runLane } from './run-lane.ts';
import { shedPowers } from './shed-powers.ts';

/** The whole of a lane's process: it serves the host until the line closes, and ends with the first error that nobody caught. */
export function serveLane(options: Omit<RunLaneOptions, 'clock'>): void {
  const line = createStreamPort<FromLane, ToLane>(openLine(), parseToLane);
  line.closed.then((reason) => {
    if (reason !== null) process.stderr.write(`The line to the host broke: ${reason.message}\n`);
    process.exit(reason === null ? 0 : 1);
  });
  shedPowers();
  runLane(line, { ...options, clock: systemClock });
}
