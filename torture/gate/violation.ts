/** Something that would happen without a crash point before and after it. */
export interface Violation {
  readonly path: string;
  readonly line: number;
  readonly what: string;
}

export const violationText = ({ path, line, what }: Violation): string => `${path}:${String(line)} ${what}`;
