import type { Argument } from './ast.ts';
import type { Scanner } from './scanner.ts';

/** Reports arguments of a call that are out of order or repeated: positional, named, `*args`, `**kwargs`. */
export function checkArguments(scanner: Scanner, ownArguments: readonly Argument[]): void {
  const names = new Set<string>();
  let args = false;
  let kwargs = false;
  const report = (argument: Argument, message: string, hint?: string): void =>
    scanner.report('SYNTAX_ARGUMENT', message, argument.start, argument.end, hint);
  for (const argument of ownArguments) {
    switch (argument.kind) {
      case 'Positional':
        if (kwargs) report(argument, 'positional argument may not follow **kwargs');
        else if (args) report(argument, 'positional argument may not follow *args', 'join them: f(*(args + [value]))');
        else if (names.size > 0) report(argument, 'positional argument may not follow named');
        break;
      case 'Named':
        if (kwargs) report(argument, 'keyword argument may not follow **kwargs', 'put it before **kwargs');
        else if (args)
          report(argument, 'keyword argument may not follow *args', 'put it before *args: f(name = value, *args)');
        else if (names.has(argument.name.name))
          report(argument, `keyword argument "${argument.name.name}" is repeated`);
        names.add(argument.name.name);
        break;
      case 'Args':
        if (kwargs) report(argument, '*args may not follow **kwargs');
        else if (args) report(argument, 'multiple *args not allowed', 'join them: f(*(a + b))');
        args = true;
        break;
      case 'Kwargs':
        if (kwargs) report(argument, 'multiple **kwargs not allowed', 'join them: f(**(a | b))');
        kwargs = true;
        break;
    }
  }
}
