/** A broken invariant, with what the timeline is searched for. */
export interface Finding {
  readonly invariant: 'I1' | 'I2' | 'I6' | 'I8' | 'I9' | 'I10';
  readonly what: string;
  readonly tenant?: string;
  readonly object?: string;
  readonly id?: string;
}
