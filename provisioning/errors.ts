/** Every error code of this package, and what it means. The one list. */
export const codes = {
  BAD_NAME: 'A name that no claw may have.',
  BAD_OPTION: 'An option of the command line, or a setting of the operator, is wrong.',
  BAD_VALUE: 'A value that cannot be handed on as it is.',
  BAD_ARCHIVE: 'A backup is damaged, or is none.',
  BUSY: 'Another command works on this claw.',
  TAKEN: 'The name, or what belongs to it, is somebody’s.',
  UNKNOWN_CLAW: 'There is no such claw here.',
  UNKNOWN_SETTING: 'A container has something that could not be handed on to its successor.',
  DOCKER: 'Docker refused.',
  UNHEALTHY: 'A claw did not become well, or did not stay so.',
  PROGRAM: 'A program other than Docker failed.',
} as const;

export type Code = keyof typeof codes;

/** The one error class of this package: for the operator, who reads the message and nothing else. */
export class ProvisioningError extends Error {
  override readonly name = 'ProvisioningError';
  readonly code: Code;

  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** A foreign text in a message: quoted, without control characters, and never long. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
