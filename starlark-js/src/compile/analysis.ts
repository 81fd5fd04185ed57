import type { Binding, FunctionScope, Resolution } from '../resolve/binding.ts';

/** What is known of the predeclared names when a program is compiled. */
export interface HostKnowledge {
  /** Whether calling the name, or its attribute, may wait for the host. */
  suspends(name: string, attribute: string | null): boolean;
  /** Whether anything that the name reaches may wait. */
  reachesSuspending(name: string): boolean;
  /** Whether anything predeclared may wait; decides how calls of loaded functions are counted. */
  readonly hasSuspending: boolean;
}

/** What the call graph says about one function. */
export interface FunctionFacts {
  /** It can reach a host call that waits, so it is written as a generator. */
  readonly suspends: boolean;
  /** It can reach itself through direct calls. */
  readonly recursive: boolean;
  /** It loops, or is called from a loop or from anywhere unknown: worth the longer, faster code. */
  readonly hot: boolean;
}

export type Facts = ReadonlyMap<FunctionScope, FunctionFacts>;

/** Reads the call graph of a resolved file. */
export function analyse(resolution: Resolution, host: HostKnowledge): Facts {
  const scopes: FunctionScope[] = [];
  collect(resolution.top, scopes);
  const byBinding = directTargets(resolution);
  const edges = new Map<FunctionScope, FunctionScope[]>();
  for (const scope of scopes)
    edges.set(
      scope,
      [...scope.calls].flatMap((binding) => byBinding.get(binding) ?? []),
    );
  const suspending = suspendingFunctions(scopes, edges, byBinding, resolution, host);
  const recursive = recursiveFunctions(scopes, edges);
  const hot = hotFunctions(scopes, edges, byBinding, recursive);
  return new Map(
    scopes.map((scope) => [
      scope,
      { suspends: suspending.has(scope), recursive: recursive.has(scope), hot: hot.has(scope) },
    ]),
  );
}

function collect(scope: FunctionScope, into: FunctionScope[]): void {
  into.push(scope);
  for (const inner of scope.inner) collect(inner, into);
}

/** Variables whose only assignment is one `def`: calling them calls that function. */
function directTargets(resolution: Resolution): Map<Binding, FunctionScope> {
  const targets = new Map<Binding, FunctionScope>();
  for (const [node, scope] of resolution.functions) {
    if (node.kind === 'Lambda') continue;
    const binding = resolution.names.get(node.name);
    if (binding?.soleDef === node) targets.set(binding, scope);
  }
  return targets;
}

function suspendingFunctions(
  scopes: readonly FunctionScope[],
  edges: ReadonlyMap<FunctionScope, readonly FunctionScope[]>,
  direct: ReadonlyMap<Binding, FunctionScope>,
  resolution: Resolution,
  host: HostKnowledge,
): Set<FunctionScope> {
  const found = new Set<FunctionScope>();
  const loads = host.hasSuspending && resolution.file.body.some((statement) => statement.kind === 'Load');
  let unknownSuspends =
    loads || resolution.predeclared.some((binding) => binding.escapes && host.reachesSuspending(binding.name));
  if (!unknownSuspends && !resolution.predeclared.some((binding) => host.reachesSuspending(binding.name))) return found;
  const bindingOf = new Map([...direct].map(([binding, scope]) => [scope, binding]));

  const reaches = (scope: FunctionScope): boolean => {
    if (edges.get(scope)!.some((callee) => found.has(callee))) return true;
    for (const binding of scope.calls) {
      if (binding.scope === 'predeclared' && host.suspends(binding.name, null)) return true;
      if (unknownSuspends && binding.scope !== 'universe' && binding.scope !== 'predeclared' && !direct.has(binding))
        return true;
    }
    for (const { object, attribute } of scope.memberCalls) {
      if (object.scope === 'predeclared') {
        if (host.suspends(object.name, attribute)) return true;
      } else if (unknownSuspends) return true;
    }
    return unknownSuspends && scope.hasComputedCall;
  };

  const callers = new Map<FunctionScope, FunctionScope[]>();
  for (const [caller, callees] of edges)
    for (const callee of callees) {
      const known = callers.get(callee);
      if (known === undefined) callers.set(callee, [caller]);
      else known.push(caller);
    }
  let pending = [...scopes];
  for (let scope = pending.pop(); scope !== undefined; scope = pending.pop()) {
    if (found.has(scope) || !reaches(scope)) continue;
    found.add(scope);
    pending.push(...(callers.get(scope) ?? []));
    const binding = bindingOf.get(scope);
    if (unknownSuspends || scope === resolution.top || (binding !== undefined && !binding.escapes)) continue;
    // From here on any call of an unknown value may wait, so all functions are looked at again.
    unknownSuspends = true;
    pending = [...scopes];
  }
  return found;
}

/** One function on Tarjan's way: which of its callees comes next. */
interface Visit {
  readonly scope: FunctionScope;
  next: number;
}

/**
 * Tarjan's strongly connected components; a component of one counts when the function calls itself. The way is kept
 * in an array, because a program may chain more functions than the stack holds.
 */
function recursiveFunctions(
  scopes: readonly FunctionScope[],
  edges: ReadonlyMap<FunctionScope, readonly FunctionScope[]>,
): Set<FunctionScope> {
  const index = new Map<FunctionScope, number>();
  const low = new Map<FunctionScope, number>();
  const stack: FunctionScope[] = [];
  const onStack = new Set<FunctionScope>();
  const recursive = new Set<FunctionScope>();
  const way: Visit[] = [];

  const open = (scope: FunctionScope): void => {
    index.set(scope, index.size);
    low.set(scope, index.get(scope)!);
    stack.push(scope);
    onStack.add(scope);
    way.push({ scope, next: 0 });
  };
  const lower = (scope: FunctionScope, value: number): void => {
    if (value < low.get(scope)!) low.set(scope, value);
  };
  const close = (scope: FunctionScope): void => {
    if (low.get(scope) !== index.get(scope)) return;
    const component = stack.splice(stack.lastIndexOf(scope));
    for (const member of component) onStack.delete(member);
    if (component.length > 1 || edges.get(scope)!.includes(scope))
      for (const member of component) recursive.add(member);
  };

  for (const start of scopes) {
    if (index.has(start)) continue;
    open(start);
    for (let visit = way.at(-1); visit !== undefined; visit = way.at(-1)) {
      const callee = edges.get(visit.scope)![visit.next++];
      if (callee === undefined) {
        way.pop();
        close(visit.scope);
        const caller = way.at(-1);
        if (caller !== undefined) lower(caller.scope, low.get(visit.scope)!);
      } else if (!index.has(callee)) open(callee);
      else if (onStack.has(callee)) lower(visit.scope, index.get(callee)!);
    }
  }
  return recursive;
}

function hotFunctions(
  scopes: readonly FunctionScope[],
  edges: ReadonlyMap<FunctionScope, readonly FunctionScope[]>,
  direct: ReadonlyMap<Binding, FunctionScope>,
  recursive: ReadonlySet<FunctionScope>,
): Set<FunctionScope> {
  const hot = new Set<FunctionScope>();
  const bindingOf = new Map([...direct].map(([binding, scope]) => [scope, binding]));
  const pending: FunctionScope[] = [];
  const heat = (scope: FunctionScope): void => {
    if (hot.has(scope)) return;
    hot.add(scope);
    pending.push(scope);
  };
  for (const scope of scopes) {
    for (const binding of scope.loopCalls) {
      const callee = direct.get(binding);
      if (callee !== undefined) heat(callee);
    }
    if (scope.node.kind === 'File') continue;
    const binding = bindingOf.get(scope);
    if (scope.hasLoop || recursive.has(scope) || binding === undefined || binding.escapes) heat(scope);
  }
  for (let scope = pending.pop(); scope !== undefined; scope = pending.pop()) {
    for (const callee of edges.get(scope)!) heat(callee);
  }
  return hot;
}
