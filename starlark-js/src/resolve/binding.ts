import type { Diagnostic } from '../diagnostic.ts';
import type { Def, Expression, File, Lambda, Name, Statement } from '../syntax/ast.ts';

/** Where a name lives. `file` is a name bound by `load`: visible in its file, not exported. */
export type BindingScope = 'local' | 'global' | 'file' | 'predeclared' | 'universe';

/** One variable. A name in a comprehension is a variable of its own, kept in the function around it. */
export class Binding {
  readonly name: string;
  readonly scope: BindingScope;
  /** Unique in its file. */
  readonly id: number;
  /** The function whose activation holds a local; null for all others. */
  readonly owner: FunctionScope | null;
  /** The name where it was bound first; null for predeclared and universal names. */
  readonly declared: Name | null;
  /** A parameter of `owner`. */
  isParameter = false;
  /** Used by a function inside of `owner`. */
  isCaptured = false;
  /** How many places assign it. */
  assignments = 0;
  /** The `def` that binds it, when that is its only assignment and it is executed at most once per activation. */
  soleDef: Def | null = null;
  /** Used in any way other than being called. */
  escapes = false;

  constructor(name: string, scope: BindingScope, id: number, owner: FunctionScope | null, declared: Name | null) {
    this.name = name;
    this.scope = scope;
    this.id = id;
    this.owner = owner;
    this.declared = declared;
  }
}

export type FunctionNode = File | Def | Lambda;

/** What is known of one function, or of the file's top level. */
export class FunctionScope {
  readonly node: FunctionNode;
  readonly parent: FunctionScope | null;
  readonly name: string;
  readonly id: number;
  /** Parameters first, in the order of their declaration. */
  readonly locals: Binding[] = [];
  /** Direct inner functions in order of appearance. */
  readonly inner: FunctionScope[] = [];
  /** Variables of functions around it that it, or a function inside of it, uses. */
  readonly free = new Set<Binding>();
  /** A `for`, a `while` or a comprehension is in its body. */
  hasLoop = false;
  /** Variables that it calls by name, directly. */
  readonly calls = new Set<Binding>();
  /** Calls of the form `name.attribute(…)`. */
  readonly memberCalls: { readonly object: Binding; readonly attribute: string }[] = [];
  /** It calls something that is neither a name nor an attribute of a name: an element, a result. */
  hasComputedCall = false;
  /** Variables that it calls from inside of a loop. */
  readonly loopCalls = new Set<Binding>();

  constructor(node: FunctionNode, parent: FunctionScope | null, name: string, id: number) {
    this.node = node;
    this.parent = parent;
    this.name = name;
    this.id = id;
  }
}

/** The meaning of every name of a file. */
export interface Resolution {
  readonly file: File;
  readonly names: ReadonlyMap<Name, Binding>;
  readonly top: FunctionScope;
  readonly functions: ReadonlyMap<Def | Lambda, FunctionScope>;
  /** Globals in the order of their first assignment. */
  readonly globals: readonly Binding[];
  /** Predeclared names that the file uses. */
  readonly predeclared: readonly Binding[];
  /** Expressions with a comprehension inside (not inside of a lambda): their parts need statements before them. */
  readonly withComprehension: ReadonlySet<Expression>;
  readonly diagnostics: readonly Diagnostic[];
}

export function bodyOf(node: FunctionNode): readonly Statement[] {
  return node.kind === 'Lambda' ? [] : node.body;
}
