import type { Binding } from '../resolve/binding.ts';
import type { StaticType } from './static-type.ts';

/** The JavaScript of one expression. */
export interface Code {
  readonly text: string;
  readonly type: StaticType;
  /** A variable or a literal: it costs nothing, cannot fail, and may be written twice. */
  readonly simple: boolean;
  /** The variable whose value this is, as long as nothing else has been done with it. */
  readonly binding?: Binding;
}

export function code(text: string, type: StaticType = 'any', simple = false): Code {
  return { text, type, simple };
}
