import { Routine } from '../value/routine.ts';

export type MethodTable = ReadonlyMap<string, Routine>;

export function methodTable(methods: readonly Routine[]): MethodTable {
  return new Map(methods.map((method) => [method.name, method]));
}

/** Makes a routine. See `Routine` for what the numbers mean; a test holds them against the signature. */
export function routine(
  signature: string,
  minimum: number,
  maximum: number,
  run: Routine['run'] | ((...bound: never[]) => ReturnType<Routine['run']>),
  doc: string,
): Routine {
  return new Routine(signature, doc, minimum, maximum, run as (...bound: never[]) => ReturnType<Routine['run']>);
}
