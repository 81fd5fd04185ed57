import { expression, KINDS, type Kind, type Scope, type Variable } from './expressions.ts';
import { smallInt } from './literals.ts';
import { Random } from './random.ts';

/** Statements of one body. `loops` counts the loops around it: inside one, nothing may double on every turn. */
class Body {
  readonly lines: string[] = [];
  readonly #scope: Scope & { variables: Variable[] };
  readonly #indent: string;
  readonly #loops: number;
  readonly #names: { next: number };
  /** Variables before this index belong to an enclosing function, where an assignment would make a new one. */
  readonly #firstOwn: number;

  constructor(scope: Scope, indent: string, loops: number, names: { next: number }, firstOwn = 0) {
    this.#scope = { ...scope, variables: [...scope.variables] };
    this.#indent = indent;
    this.#loops = loops;
    this.#names = names;
    this.#firstOwn = firstOwn;
  }

  add(line: string): void {
    this.lines.push(this.#indent + line);
  }

  expression(kind: Kind, depth = 2): string {
    return expression(this.#scope, kind, depth);
  }

  declare(kind: Kind): string {
    const name = `${kind[0]}${this.#names.next++}`;
    this.#scope.variables.push({ name, kind });
    return name;
  }

  known(kind: Kind): string | null {
    const found = this.#scope.variables.filter((variable) => variable.kind === kind);
    return found.length > 0 ? this.#scope.random.pick(found).name : null;
  }

  /** A nested block; its new variables are not seen outside, where they might be unassigned. */
  block(loops: number, fill: (inner: Body) => void, extra: readonly Variable[] = [], isFunction = false): void {
    const scope = { ...this.#scope, variables: [...this.#scope.variables, ...extra] };
    const inner = new Body(
      scope,
      `${this.#indent}    `,
      this.#loops + loops,
      this.#names,
      isFunction ? this.#scope.variables.length : this.#firstOwn,
    );
    fill(inner);
    if (inner.lines.length === 0) inner.add('pass');
    this.lines.push(...inner.lines);
  }

  fill(budget: number): void {
    for (let left = budget; left > 0; left--) this.statement(left);
  }

  statement(budget: number): void {
    const { random } = this.#scope;
    const kinds = budget > 2 && this.#loops < 2 ? 12 : 8;
    const turn = random.between(0, kinds);
    if (turn < 3) this.assign();
    else if (turn < 5) this.add(`print(${random.many(1, 3, () => this.expression(random.pick(KINDS))).join(', ')})`);
    else if (turn === 5) this.augment();
    else if (turn === 6) this.mutate();
    else if (turn === 7) this.unpack();
    else if (turn === 8) this.define();
    else if (turn === 9) this.choose();
    else this.loop();
  }

  assign(): void {
    const kind = this.#scope.random.pick(KINDS);
    const value = this.expression(kind, 3);
    this.add(`${this.declare(kind)} = ${value}`);
  }

  augment(): void {
    const { random } = this.#scope;
    const kind = random.pick<Kind>(['int', 'float', 'string', 'ints', 'tuple']);
    const own = this.#scope.variables.slice(this.#firstOwn).filter((variable) => variable.kind === kind);
    if (own.length === 0) return;
    const { name } = random.pick(own);
    const operators = { int: ['+=', '-=', '//=', '%=', '&=', '|=', '^=', '>>='], float: ['+=', '-=', '*=', '/='] };
    const operator = kind === 'int' || kind === 'float' ? random.pick(operators[kind]) : '+=';
    const fixed: Scope = { ...this.#scope, variables: [] };
    this.add(`${name} ${operator} ${operator === '>>=' ? random.between(0, 9) : expression(fixed, kind, 0)}`);
  }

  mutate(): void {
    const { random } = this.#scope;
    const [list, dict, set] = [this.known('ints'), this.known('dict'), this.known('set')];
    const value = this.expression('int', 1);
    const key = `"${random.pick(['a', 'b', 'c', 'ab'])}"`;
    // One turn in eight may fail: a missing key, an index out of range, an element that is not there.
    const risky = random.chance(0.12) && !this.#scope.isCareful;
    const at = risky ? smallInt(random) : random.pick(['0', '-1']);
    const forms: string[] = [];
    if (list !== null) {
      forms.push(
        `${list}.append(${value})`,
        `${list}.insert(${smallInt(random)}, ${value})`,
        `${list}.extend([${value}, 1])`,
      );
      forms.push(`${list}[${at}] = ${value}`, `print(${list}.pop(${at}))`, `${list}[${at}] += ${value}`);
      if (risky) forms.push(`${list}.remove(${value})`, `print(${list}.index(${value}))`, `${list}.clear()`);
    }
    if (dict !== null) {
      forms.push(
        `${dict}[${key}] = ${value}`,
        `print(${dict}.setdefault(${key}, ${value}))`,
        `${dict}.update({${key}: 1})`,
      );
      forms.push(`print(${dict}.pop(${key}, ${value}))`, `${dict}.update([(${key}, ${value})])`);
      if (risky) forms.push(`print(${dict}.popitem())`, `print(${dict}.pop(${key}))`, `${dict}[${key}] += 1`);
    }
    if (set !== null) {
      forms.push(`${set}.add(${value})`, `${set}.discard(${value})`);
      if (risky) forms.push(`${set}.remove(${value})`, `print(${set}.pop())`);
    }
    if (forms.length > 0) this.add(random.pick(forms));
  }

  unpack(): void {
    const { random } = this.#scope;
    const [left, right] = [this.expression('int'), this.expression('string')];
    const extra = random.chance(0.02) && !this.#scope.isCareful ? ', 0' : '';
    const targets = [this.declare('int'), this.declare('string')];
    this.add(
      random.pick([
        `${targets[0]}, ${targets[1]} = ${left}, ${right}${extra}`,
        `[${targets[0]}, ${targets[1]}] = [${left}, ${right}${extra}]`,
      ]),
    );
  }

  choose(): void {
    this.add(`if ${this.expression('bool')}:`);
    this.block(0, (inner) => inner.fill(2));
    if (this.#scope.random.chance(0.4)) {
      this.add(`elif ${this.expression('bool')}:`);
      this.block(0, (inner) => inner.fill(1));
    }
    if (this.#scope.random.chance(0.6)) {
      this.add('else:');
      this.block(0, (inner) => inner.fill(2));
    }
  }

  loop(): void {
    const { random } = this.#scope;
    const name = `l${this.#names.next++}`;
    const forms: readonly [string, readonly Variable[]][] = [
      [`for ${name} in range(${random.between(0, 4)}):`, [{ name, kind: 'int' }]],
      [`for ${name} in ${this.expression('ints', 1)}[:4]:`, [{ name, kind: 'int' }]],
      [`for ${name} in ${this.known('ints') ?? '[1, 2]'}:`, [{ name, kind: 'int' }]],
      [
        `for ${name}, v${name} in ${this.expression('dict', 1)}.items():`,
        [
          { name, kind: 'string' },
          { name: `v${name}`, kind: 'int' },
        ],
      ],
      [
        `for ${name}, v${name} in enumerate(${this.expression('strings', 1)}[:4]):`,
        [
          { name, kind: 'int' },
          { name: `v${name}`, kind: 'string' },
        ],
      ],
    ];
    const [head, variables] = random.pick(forms);
    this.add(head);
    this.block(
      1,
      (inner) => {
        if (random.chance(0.2)) inner.add(`if ${inner.expression('bool', 1)}: ${random.pick(['break', 'continue'])}`);
        inner.fill(3);
        if (random.chance(0.5)) inner.add(`print(${variables.map((variable) => variable.name).join(', ')})`);
      },
      variables,
    );
  }

  /** A function of every kind of parameter, called at once, so that its closure and its defaults are seen. */
  define(): void {
    const { random } = this.#scope;
    const name = `f${this.#names.next++}`;
    const kind = random.pick(KINDS);
    const parameters: readonly Variable[] = [
      { name: 'p', kind: 'int' },
      { name: 'q', kind: 'string' },
    ];
    const fallback = this.expression('string', 0);
    const [head, calls] = random.pick([
      [`p, q=${fallback}`, ['1', '2, "x"', 'q="k", p=3', '*[4]', '**{"p": 5}']],
      [`p, *args, q=${fallback}`, ['1', '2, 3, 4', '5, q="z"', '6, q="z", *[7, 8]']],
      [`p, q=${fallback}, **rest`, ['1', '1, z=2', '2, "y", z=1, a=2']],
    ] as const);
    this.add(`def ${name}(${head}):`);
    this.block(
      0,
      (inner) => {
        inner.fill(2);
        if (head.includes('*args')) inner.add('print(args)');
        if (head.includes('**rest')) inner.add('print(rest)');
        inner.add(`return ${inner.expression(kind)}`);
      },
      parameters,
      true,
    );
    const wrong = ['', '1, 2, 3, 4', 'z=1, p=2', '1, p=1', '"a" - 1'];
    const call = `${name}(${random.chance(0.05) && !this.#scope.isCareful ? random.pick(wrong) : random.pick(calls)})`;
    this.add(`${this.declare(kind)} = ${call}`);
  }
}

export interface Program {
  readonly seed: number;
  /** The statements, not indented. */
  readonly lines: readonly string[];
}

/** The program of a seed: a dozen statements that end in a print of every variable still in sight. */
export function generate(seed: number, { isCareful = false, isWide = false } = {}): Program {
  const random = new Random(seed);
  const scope: Scope = {
    random,
    variables: [],
    wrongness: random.chance(0.8) || isCareful ? 0 : 0.04,
    isCareful,
    isWide,
  };
  const body = new Body(scope, '', 0, { next: 0 });
  for (const kind of ['int', 'string', 'ints', 'dict', 'float', 'set'] as const) {
    const value = body.expression(kind, 1);
    body.add(`${body.declare(kind)} = ${value}`);
  }
  body.fill(random.between(4, 10));
  for (const kind of KINDS) {
    const name = body.known(kind);
    if (name !== null) body.add(`print(${name})`);
  }
  return { seed, lines: body.lines };
}

/** The program as one function: how starlark-go runs it, and the first of the two ways we do. */
export function asFunction(program: Program): string {
  return `def program():\n${program.lines.map((line) => `    ${line}`).join('\n')}`;
}
