/** As JSON, with the comma after it. */
export const bytesOf = (part: object | string): number => Buffer.byteLength(JSON.stringify(part), 'utf8') + 1;
