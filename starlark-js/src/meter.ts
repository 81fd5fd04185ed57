/**
 * What the running script may still use. Exactly one meter is current at any moment; whoever switches between
 * scripts switches the meter. Generated code counts down `counters` itself, so the numbers live in one typed array.
 */
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { StarlarkError } from './errors.ts';

/** Bounds of one run. Every bound is on by default; `Infinity` lifts one. */
export interface Limits {
  /** Calls, loop iterations and the sizes of bulk operations. Default 500,000,000. */
  readonly steps: number;
  /** Bytes that the script may hold at one time, as charged and checked against the heap. Default 256 MiB. */
  readonly bytes: number;
  /** Calls that may be open at one time through recursion. Default 1,000. */
  readonly depth: number;
  /** Milliseconds from start to end, waiting included. Default 60,000. */
  readonly wallMs: number;
  /** Characters that `print` may write. Default 1,000,000. */
  readonly output: number;
}

/**
 * The bounds of a thread that is given none.
 *
 * @example
 * defaultLimits.depth; // 1000
 */
export const defaultLimits: Limits = {
  steps: 500_000_000,
  bytes: 256 * 1024 * 1024,
  depth: 1_000,
  wallMs: 60_000,
  output: 1_000_000,
};

/** Index into `counters` of the steps left in the current slice, and of the recursion depth left. */
export const STEPS = 0;
export const DEPTH = 1;

/** The current meter's countdown. Generated code does `--counters[STEPS] < 0 && refill()`. */
export const counters: Int32Array = new Int32Array([0x7fffffff, 1_000]);

const SLICE = 1 << 17;
/** Milliseconds between two samples of the stack and the heap, at least. */
const PROBE_MS = 1;
const RECONCILE_BYTES = 16 * 1024 * 1024;

/** Steps charged for bytes, held in a typed array so that a charge never allocates. */
const allowance = new Float64Array([Number.POSITIVE_INFINITY]);

let current: Meter | null = null;

export class Meter {
  readonly limits: Limits;
  /** Called at every refill while the script's frames are on the stack: the profile of the hottest functions. */
  onSample: (() => void) | null = null;
  #stepsBefore = 0;
  #slice = 0;
  #savedSteps = 0;
  #savedDepth: number;
  #savedAllowance: number;
  #isRunning = false;
  #baseline = 0;
  #pausedAt = 0;
  #deadline = Number.POSITIVE_INFINITY;
  #cancelled: string | null = null;
  #output = 0;
  #lastProbe = 0;

  constructor(limits: Partial<Limits> = {}) {
    this.limits = { ...defaultLimits, ...limits };
    this.#savedDepth = Math.min(this.limits.depth, 0x3fffffff);
    this.#savedAllowance = this.limits.bytes;
    this.#grantSlice();
    this.#savedSteps = this.#slice;
  }

  /** Steps counted so far. */
  get steps(): number {
    const left = current === this ? counters[STEPS]! : this.#savedSteps;
    return this.#stepsBefore + this.#slice - left;
  }

  /** Characters printed so far. */
  get output(): number {
    return this.#output;
  }

  /** Begins a run, unless one is going on: from here its time and its memory are counted. */
  start(now: number): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#deadline = now + this.limits.wallMs;
    this.#baseline = recentHeap(now);
    if (current === this) allowance[0] = this.limits.bytes;
    else this.#savedAllowance = this.limits.bytes;
  }

  /** The run waits: what others hold in the meantime is not counted as its own. */
  pause(): void {
    this.#pausedAt = heapUsed();
  }

  resume(): void {
    this.#baseline += Math.max(0, heapUsed() - this.#pausedAt);
  }

  /** The run is over: the next one has its own time. */
  stop(): void {
    this.#isRunning = false;
    this.#deadline = Number.POSITIVE_INFINITY;
  }

  get deadline(): number {
    return this.#deadline;
  }

  /** Makes this meter current and returns the one to give back to `leave`. */
  enter(): Meter | null {
    const previous = current;
    if (previous === this) return previous;
    if (previous !== null) previous.#save();
    counters[STEPS] = this.#cancelled === null ? this.#savedSteps : 0;
    counters[DEPTH] = this.#savedDepth;
    allowance[0] = this.#savedAllowance;
    current = this;
    return previous;
  }

  leave(previous: Meter | null): void {
    if (previous === this) return;
    this.#save();
    current = previous;
    if (previous === null) {
      counters[STEPS] = 0x7fffffff;
      counters[DEPTH] = defaultLimits.depth;
      allowance[0] = Number.POSITIVE_INFINITY;
    } else {
      counters[STEPS] = previous.#savedSteps;
      counters[DEPTH] = previous.#savedDepth;
      allowance[0] = previous.#savedAllowance;
    }
  }

  /** Ends the script at its next step. */
  cancel(reason: string): void {
    this.#cancelled = reason;
    if (current === this) {
      this.#stepsBefore += this.#slice - counters[STEPS]!;
      this.#slice = 0;
      counters[STEPS] = 0;
    }
  }

  get cancelled(): string | null {
    return this.#cancelled;
  }

  countOutput(characters: number): void {
    this.#output += characters;
    if (this.#output > this.limits.output)
      throw new StarlarkError('LIMIT_OUTPUT', `output limit of ${this.limits.output} characters exceeded`);
  }

  /** Open calls: a call from outside starts at the depth of its caller and gives it back even after an error. */
  get depthLeft(): number {
    return current === this ? counters[DEPTH]! : this.#savedDepth;
  }
  restoreDepth(left: number): void {
    if (current === this) counters[DEPTH] = left;
    else this.#savedDepth = left;
  }

  /** The slice is used up, or `extra` steps do not fit into it. */
  refill(extra: number): void {
    this.#stepsBefore += this.#slice - counters[STEPS]! + extra;
    this.#slice = 0;
    counters[STEPS] = 0;
    if (this.#stepsBefore > this.limits.steps) {
      this.onSample?.();
      throw new StarlarkError('LIMIT_STEPS', `step limit of ${this.limits.steps} exceeded`);
    }
    const now = performance.now();
    this.check(now);
    this.#grantSlice();
    counters[STEPS] = this.#slice;
    // Bulk operations can use slices up quickly; looking at stack and heap more often than this would cost.
    if (now - this.#lastProbe < PROBE_MS) return;
    this.#lastProbe = now;
    this.onSample?.();
    if (heapUsed() - this.#baseline > this.limits.bytes) this.#reconcile(0);
  }

  /** Throws when the run was cancelled or its time is over. */
  check(now: number): void {
    if (this.#cancelled !== null) throw new StarlarkError('CANCELLED', `cancelled: ${this.#cancelled}`);
    if (now > this.#deadline) throw new StarlarkError('LIMIT_TIME', `time limit of ${this.limits.wallMs} ms exceeded`);
  }

  /** The bytes charged have reached the limit: what is really held decides. */
  reconcile(bytes: number): void {
    this.#reconcile(bytes);
  }

  #reconcile(pending: number): void {
    const { bytes } = this.limits;
    let held = heapUsed() - this.#baseline;
    if (pending < bytes && held + pending > bytes) {
      collectGarbage();
      held = heapUsed() - this.#baseline;
    }
    if (pending >= bytes || held + pending > bytes) {
      allowance[0] = 0;
      throw new StarlarkError('LIMIT_BYTES', `memory limit of ${bytes} bytes exceeded`);
    }
    allowance[0] = Math.max(RECONCILE_BYTES, bytes - Math.max(held, 0) - pending);
  }

  #grantSlice(): void {
    const left = this.limits.steps - this.#stepsBefore;
    // A small budget is cut into pieces too, so that even a short run leaves samples of its hottest functions.
    const piece = Math.max(1_000, Math.ceil(this.limits.steps / 64));
    this.#slice = Math.max(0, Math.min(SLICE, piece, left));
  }

  #save(): void {
    this.#savedSteps = counters[STEPS]!;
    this.#savedDepth = counters[DEPTH]!;
    this.#savedAllowance = allowance[0]!;
  }
}

function heapUsed(): number {
  const { used_heap_size, external_memory } = getHeapStatistics();
  return used_heap_size + external_memory;
}

let lastHeap = 0;
let lastHeapAt = Number.NEGATIVE_INFINITY;
const FRESH_MS = 20;

/** The heap in use, as of a moment ago: asking anew would cost more than a short call does. */
function recentHeap(now: number): number {
  if (now - lastHeapAt > FRESH_MS) {
    lastHeap = heapUsed();
    lastHeapAt = now;
  }
  return lastHeap;
}

let collect: (() => void) | null = null;

/** Garbage must not be counted as held, so a script at its limit pays for one full collection before it is ended. */
function collectGarbage(): void {
  if (collect === null) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  collect();
}

/** The meter of the running script, or null outside of any. */
export function currentMeter(): Meter | null {
  return current;
}

/**
 * Counts `steps` of work at once: bulk built-ins call it with the size of what they do, before they do it.
 *
 * @example
 * const total = new HostFunction('total(numbers: list) -> int', (numbers: StarlarkList) => {
 *   tick(numbers.items.length);
 *   return numbers.items.length;
 * });
 * total.call([new StarlarkList([1, 2])], []); // 2
 */
export function tick(steps: number): void {
  if (steps > counters[STEPS]!) refill(steps);
  else counters[STEPS]! -= steps;
}

/** Generated code calls this when the slice is used up. */
export function refill(steps = 0): void {
  if (current !== null) current.refill(steps);
  else counters[STEPS] = 0x7fffffff;
}

/**
 * Charges memory that is about to be allocated. Call it BEFORE allocating in bulk.
 *
 * @example
 * const zeros = new HostFunction('zeros(n: int) -> list', (n: number) => {
 *   charge(8 * n);
 *   return new StarlarkList(new Array(n).fill(0));
 * });
 * repr(zeros.call([2], [])); // '[0, 0]'
 */
export function charge(bytes: number): void {
  const left = allowance[0]! - bytes;
  allowance[0] = left;
  if (left < 0) exhausted(bytes);
}

function exhausted(bytes: number): void {
  if (current !== null) current.reconcile(bytes);
  else allowance[0] = Number.POSITIVE_INFINITY;
}
