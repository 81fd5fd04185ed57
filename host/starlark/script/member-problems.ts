import { isModuleLabel, loadModule } from '@clay/starlark-stdlib';
import { type Diagnostic, getAttribute, type ParseResult, type Source, StarlarkError, type Value } from 'starlark-js';

/** Any node of a syntax tree, for a walk that looks at few of their kinds. */
interface Node {
  readonly kind: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

/**
 * What is wrong with the use of loaded modules, found without running it: members that they lack, as `http.fetch`, and times
 * shown in the layouts of Python.
 */
export function memberProblems(file: ParseResult['file'], source: Source): Diagnostic[] {
  const loaded = loadedValues(file);
  if (loaded.size === 0) return [];
  const nodes = nodesOf(file);
  // A parameter of the same name is another thing; where one is, the names are not told apart.
  for (const name of boundNames(nodes)) loaded.delete(name);
  return nodes.flatMap((node) => [
    ...missingMember(node, loaded, source),
    ...(loaded.has('time') ? percentLayout(node, source) : []),
  ]);
}

function loadedValues(file: ParseResult['file']): Map<string, Value> {
  const loaded = new Map<string, Value>();
  for (const statement of file.body) {
    if (statement.kind !== 'Load' || !isModuleLabel(statement.module.value)) continue;
    const { globals } = loadModule(statement.module.value);
    for (const { local, name } of statement.bindings) {
      const value = globals.get(name.value);
      if (value !== undefined) loaded.set(local.name, value);
    }
  }
  return loaded;
}

/** All nodes below a value, in no order. */
function nodesOf(root: unknown): Node[] {
  const nodes: Node[] = [];
  const pending: object[] = typeof root === 'object' && root !== null ? [root] : [];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (ArrayBuffer.isView(next)) continue;
    if (isNode(next)) nodes.push(next);
    for (const child of Object.values(next)) if (typeof child === 'object' && child !== null) pending.push(child);
  }
  return nodes;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'kind' in value && 'start' in value;
}

/** Names that something else than `load` gives a value. */
function boundNames(nodes: readonly Node[]): string[] {
  return nodes.flatMap(({ kind, name, target }) => {
    const isNamed = kind === 'Def' || kind === 'Parameter' || kind === 'ArgsParameter' || kind === 'KwargsParameter';
    const own = isNamed ? nodesOf(name) : [];
    return [...own, ...nodesOf(target)].flatMap((node) => (node.kind === 'Name' ? [String(node.name)] : []));
  });
}

function missingMember(node: Node, loaded: ReadonlyMap<string, Value>, source: Source): Diagnostic[] {
  const { kind, object, name } = node;
  if (kind !== 'Dot' || !isNode(object) || object.kind !== 'Name' || !isNode(name)) return [];
  const owner = String(object.name);
  const value = loaded.get(owner);
  if (value === undefined) return [];
  try {
    getAttribute(value, String(name.name));
    return [];
  } catch (error) {
    if (!(error instanceof StarlarkError)) throw error;
    const message = error.message.replace(/^\w+ has no/, `${owner} has no`);
    return [problemAt(source, name, 'error', 'LOAD_MEMBER', message, error.notes.join(' '))];
  }
}

/** `t.format("%Y-%m-%d")` gives just that text. */
function percentLayout({ kind, callee, arguments: given }: Node, source: Source): Diagnostic[] {
  if (kind !== 'Call' || !isNode(callee) || callee.kind !== 'Dot' || !isNode(callee.name)) return [];
  if (callee.name.name !== 'format' || !isNode(callee.object) || callee.object.kind === 'String') return [];
  const [first] = Array.isArray(given) ? given : [];
  if (!isNode(first) || !isNode(first.value) || first.value.kind !== 'String') return [];
  if (!/%[YmdHMSyBbAaj]/.test(String(first.value.value))) return [];
  const message = `of a time, this layout gives the text ${JSON.stringify(first.value.value)}`;
  const hint =
    'a layout shows how the time 2006-01-02 15:04:05 is written, as in Go: t.format("2006-01-02") gives the day';
  return [problemAt(source, first.value, 'warning', 'TIME_LAYOUT', message, hint)];
}

/** A finding at a place of the tree. */
export function problemAt(
  source: Source,
  at: { readonly start: number; readonly end: number },
  severity: Diagnostic['severity'],
  code: string,
  message: string,
  hint: string,
): Diagnostic {
  const from = source.position(at.start);
  const to = source.position(at.end);
  return {
    severity,
    code,
    message,
    file: source.name,
    start: at.start,
    end: at.end,
    line: from.line,
    column: from.column,
    endLine: to.line,
    endColumn: to.column,
    ...(hint === '' ? {} : { hint }),
  };
}
