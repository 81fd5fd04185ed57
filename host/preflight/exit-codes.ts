/** How a container ends that never became the claw, for whoever started it. */
export const preflightFailed = 3;
export const volumeNotWritable = 4;
