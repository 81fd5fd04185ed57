/**
 * The syntax tree. Every node carries the half-open range `[start, end)` of UTF-16 offsets into its source;
 * `Source` turns an offset into a line and a column. Nodes are plain data and are never changed after parsing.
 */

export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface File {
  readonly kind: 'File';
  readonly start: number;
  readonly end: number;
  readonly body: readonly Statement[];
  /** Every comment in order of appearance, for the formatter and for `# DESCRIPTION:` lines. */
  readonly comments: readonly Comment[];
}

/** `text` includes the `#`. `ownLine` tells a comment that stands alone from one that follows code. */
export interface Comment extends Span {
  readonly text: string;
  readonly ownLine: boolean;
}

export type Statement =
  | ExpressionStatement
  | Assign
  | AugmentedAssign
  | Def
  | If
  | For
  | While
  | Return
  | Break
  | Continue
  | Pass
  | Load;

export interface ExpressionStatement extends Span {
  readonly kind: 'ExpressionStatement';
  readonly expression: Expression;
}

/** `target = value`, or `target: type = value`. A chain `a = b = c` is a syntax error in Starlark. */
export interface Assign extends Span {
  readonly kind: 'Assign';
  readonly target: Expression;
  readonly type: Expression | null;
  readonly value: Expression;
}

export type AugmentedOperator = '+=' | '-=' | '*=' | '/=' | '//=' | '%=' | '&=' | '|=' | '^=' | '<<=' | '>>=';

export interface AugmentedAssign extends Span {
  readonly kind: 'AugmentedAssign';
  readonly operator: AugmentedOperator;
  readonly operatorStart: number;
  readonly target: Expression;
  readonly value: Expression;
}

export interface Def extends Span {
  readonly kind: 'Def';
  readonly name: Name;
  readonly parameters: readonly Parameter[];
  readonly returnType: Expression | null;
  readonly body: readonly Statement[];
}

/** `x`, `x = default`, `x: type`, `*args`, a bare `*` (kind `KeywordOnlyMarker`), `**kwargs`. */
export type Parameter = PlainParameter | VariadicParameter | KeywordOnlyMarker;

export interface PlainParameter extends Span {
  readonly kind: 'Parameter';
  readonly name: Name;
  readonly type: Expression | null;
  readonly default: Expression | null;
}

export interface VariadicParameter extends Span {
  readonly kind: 'ArgsParameter' | 'KwargsParameter';
  readonly name: Name;
  readonly type: Expression | null;
}

export interface KeywordOnlyMarker extends Span {
  readonly kind: 'KeywordOnlyMarker';
}

/** `elif` is an `If` alone in `otherwise`, whose source begins with the word `elif`. */
export interface If extends Span {
  readonly kind: 'If';
  readonly test: Expression;
  readonly then: readonly Statement[];
  readonly otherwise: readonly Statement[];
}

export interface For extends Span {
  readonly kind: 'For';
  readonly target: Expression;
  readonly iterable: Expression;
  readonly body: readonly Statement[];
}

export interface While extends Span {
  readonly kind: 'While';
  readonly test: Expression;
  readonly body: readonly Statement[];
}

export interface Return extends Span {
  readonly kind: 'Return';
  readonly value: Expression | null;
}

export interface Break extends Span {
  readonly kind: 'Break';
}
export interface Continue extends Span {
  readonly kind: 'Continue';
}
export interface Pass extends Span {
  readonly kind: 'Pass';
}

/** `load("module", "name", local = "name")`. */
export interface Load extends Span {
  readonly kind: 'Load';
  readonly module: StringLiteral;
  readonly bindings: readonly LoadBinding[];
}

export interface LoadBinding extends Span {
  readonly local: Name;
  readonly name: StringLiteral;
}

export type Expression =
  | Name
  | IntLiteral
  | FloatLiteral
  | StringLiteral
  | BytesLiteral
  | FormattedString
  | ListLiteral
  | TupleLiteral
  | DictLiteral
  | Comprehension
  | Lambda
  | Unary
  | Binary
  | Conditional
  | Call
  | Dot
  | Index
  | Slice
  | Parenthesized;

export interface Name extends Span {
  readonly kind: 'Name';
  readonly name: string;
}

/** A `bigint` only when the value is not a safe integer. */
export interface IntLiteral extends Span {
  readonly kind: 'Int';
  readonly value: number | bigint;
}

export interface FloatLiteral extends Span {
  readonly kind: 'Float';
  readonly value: number;
}

export interface StringLiteral extends Span {
  readonly kind: 'String';
  readonly value: string;
}

export interface BytesLiteral extends Span {
  readonly kind: 'Bytes';
  readonly value: Uint8Array;
}

/** `f"text {expression!r:spec} text"`. */
export interface FormattedString extends Span {
  readonly kind: 'FormattedString';
  readonly parts: readonly (string | FormattedPart)[];
}

export interface FormattedPart extends Span {
  readonly expression: Expression;
  readonly conversion: 'r' | 's' | null;
  /** The text after `:`, itself allowed to hold nested `{expression}` parts; empty when absent. */
  readonly spec: readonly (string | FormattedPart)[];
}

export interface ListLiteral extends Span {
  readonly kind: 'List';
  readonly items: readonly Expression[];
}

/** With or without parentheses; the parentheses, when written, are inside the span. */
export interface TupleLiteral extends Span {
  readonly kind: 'Tuple';
  readonly items: readonly Expression[];
}

export interface DictLiteral extends Span {
  readonly kind: 'Dict';
  readonly entries: readonly DictEntry[];
}

export interface DictEntry extends Span {
  readonly key: Expression;
  readonly value: Expression;
}

export interface Comprehension extends Span {
  readonly kind: 'Comprehension';
  /** An expression makes a list, an entry a dict. */
  readonly body: Expression | DictEntry;
  readonly form: 'list' | 'dict';
  readonly clauses: readonly ComprehensionClause[];
}

export type ComprehensionClause = ForClause | IfClause;

export interface ForClause extends Span {
  readonly kind: 'ForClause';
  readonly target: Expression;
  readonly iterable: Expression;
}

export interface IfClause extends Span {
  readonly kind: 'IfClause';
  readonly test: Expression;
}

export interface Lambda extends Span {
  readonly kind: 'Lambda';
  readonly parameters: readonly Parameter[];
  readonly body: Expression;
}

export interface Unary extends Span {
  readonly kind: 'Unary';
  readonly operator: '+' | '-' | '~' | 'not';
  readonly operand: Expression;
}

export type BinaryOperator =
  | '+'
  | '-'
  | '*'
  | '/'
  | '//'
  | '%'
  | '&'
  | '|'
  | '^'
  | '<<'
  | '>>'
  | '=='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | 'in'
  | 'not in'
  | 'and'
  | 'or';

export interface Binary extends Span {
  readonly kind: 'Binary';
  readonly operator: BinaryOperator;
  readonly operatorStart: number;
  readonly left: Expression;
  readonly right: Expression;
}

export interface Conditional extends Span {
  readonly kind: 'Conditional';
  readonly test: Expression;
  readonly then: Expression;
  readonly otherwise: Expression;
}

export interface Call extends Span {
  readonly kind: 'Call';
  readonly callee: Expression;
  readonly arguments: readonly Argument[];
  /** Offset of `(`: where starlark-go reports an error of the call. */
  readonly parenthesis: number;
}

export type Argument = PositionalArgument | NamedArgument | SpreadArgument;

export interface PositionalArgument extends Span {
  readonly kind: 'Positional';
  readonly value: Expression;
}

export interface NamedArgument extends Span {
  readonly kind: 'Named';
  readonly name: Name;
  readonly value: Expression;
}

export interface SpreadArgument extends Span {
  readonly kind: 'Args' | 'Kwargs';
  readonly value: Expression;
}

export interface Dot extends Span {
  readonly kind: 'Dot';
  readonly object: Expression;
  readonly name: Name;
}

export interface Index extends Span {
  readonly kind: 'Index';
  readonly object: Expression;
  readonly index: Expression;
}

export interface Slice extends Span {
  readonly kind: 'Slice';
  readonly object: Expression;
  readonly low: Expression | null;
  readonly high: Expression | null;
  readonly step: Expression | null;
}

export interface Parenthesized extends Span {
  readonly kind: 'Parenthesized';
  readonly expression: Expression;
}
