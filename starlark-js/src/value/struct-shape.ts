import { compareStrings } from './string-order.ts';

/** The field names of structs, in order, shared by all structs that have the same ones. */
export interface StructShape {
  readonly names: readonly string[];
  /** Where the value of each name is. */
  readonly places: ReadonlyMap<string, number>;
}

/** Names in the order in which a program writes them, one after the other. */
export interface NamePath {
  readonly longer: Map<string, NamePath>;
  readonly names: readonly string[];
  /** Made on first use: the shape, and the place of each value in it. */
  layout: { readonly shape: StructShape; readonly order: readonly number[] } | null;
}

const MOST_PATHS = 10_000;
const shapes: Map<string, StructShape> = new Map();
let pathCount = 0;
let start: NamePath = { longer: new Map(), names: [], layout: null };

/** The path without names, from which every struct begins. */
export function emptyPath(): NamePath {
  if (pathCount > MOST_PATHS) {
    // Programs that make up names without end must not be remembered for ever.
    start = { longer: new Map(), names: [], layout: null };
    shapes.clear();
    pathCount = 0;
  }
  return start;
}

/** The path with one more name. */
export function extendPath(path: NamePath, name: string): NamePath {
  const known = path.longer.get(name);
  if (known !== undefined) return known;
  const longer: NamePath = { longer: new Map(), names: [...path.names, name], layout: null };
  path.longer.set(name, longer);
  pathCount++;
  return longer;
}

/** The shape of structs whose fields are written along a path. A name that comes twice has one place. */
export function layoutOf(path: NamePath): NonNullable<NamePath['layout']> {
  if (path.layout === null) {
    const names = [...new Set(path.names)].sort(compareStrings);
    const key = JSON.stringify(names);
    let shape = shapes.get(key);
    if (shape === undefined) {
      shape = { names, places: new Map(names.map((name, place) => [name, place])) };
      shapes.set(key, shape);
    }
    const { places } = shape;
    path.layout = { shape, order: path.names.map((name) => places.get(name)!) };
  }
  return path.layout;
}
