/** A query that the platform refuses, with its own error code. The message shows the place, as the platform does. */
export class SoqlError extends Error {
  readonly errorCode: string;

  constructor(errorCode: string, text: string, at: number, message: string) {
    super(`\n${excerpt(text, at)}\nERROR at Row:1:Column:${at + 1}\n${message}`);
    this.errorCode = errorCode;
  }
}

function excerpt(text: string, at: number): string {
  const start = Math.max(0, at - 40);
  const line = text.slice(start, at + 40).replace(/\s/g, ' ');
  return `${line}\n${' '.repeat(at - start)}^`;
}

/** An error without a place in the text. */
export class PlainQueryError extends Error {
  readonly errorCode: string;

  constructor(errorCode: string, message: string) {
    super(message);
    this.errorCode = errorCode;
  }
}
