/**
 * The small tree of errors that Kerbside throws. Bad data from outside is a value (see Refusal); these are for
 * requests that cannot be met and for parts that are broken.
 */
export class KerbsideError extends Error {
  override readonly name: string = 'KerbsideError';
  /** Stable, kebab-case: the same word in the log, the metric label, the problem+json and the docs. */
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** What was asked for is not there. Codes end in `-unknown`. HTTP 404, exit code 3. */
export class NotFound extends KerbsideError {
  override readonly name: string = 'NotFound';
}

/** What was asked for contradicts what is there. Codes end in `-exists` or say the conflict. HTTP 409, exit code 4. */
export class Conflict extends KerbsideError {
  override readonly name: string = 'Conflict';
}

/** What was asked for cannot be understood. HTTP 400, exit code 2. */
export class Invalid extends KerbsideError {
  override readonly name: string = 'Invalid';
}

/** A name that breaks its pattern. Code `invalid-id`. HTTP 400, exit code 2. */
export class InvalidId extends Invalid {
  override readonly name: string = 'InvalidId';
  constructor(what: string, text: string, rule: string) {
    super('invalid-id', `${JSON.stringify(text.slice(0, 80))} is not a ${what}: it must be ${rule}`);
  }
}

/** A part we stand on cannot take work now; trying later is right. HTTP 503. */
export class Unavailable extends KerbsideError {
  override readonly name: string = 'Unavailable';
}
