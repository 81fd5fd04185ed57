import { Socket } from 'node:net';
import { createStreamPort } from '@clay/sdk/wire';
import { systemClock } from '../../clock.ts';
import { type FromLane, parseToLane, type ToLane } from './lane-message.ts';
import { type RunLaneOptions, runLane } from './run-lane.ts';
import { shedPowers } from './shed-powers.ts';

/** The pipe to the host, beside the three standard ones. */
const lineDescriptor = 3;

/** The whole of a lane's process: it serves the host until the line closes, and ends with the first error that nobody caught. */
export function serveLane(options: Omit<RunLaneOptions, 'clock'>): void {
  const socket = new Socket({ fd: lineDescriptor, readable: true, writable: true });
  const line = createStreamPort<FromLane, ToLane>({ readable: socket, writable: socket }, parseToLane);
  line.closed.then((reason) => {
    if (reason !== null) process.stderr.write(`The line to the host broke: ${reason.message}\n`);
    process.exit(reason === null ? 0 : 1);
  });
  shedPowers();
  runLane(line, { ...options, clock: systemClock });
}
