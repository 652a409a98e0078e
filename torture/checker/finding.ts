/** A broken invariant, or a row of the fault matrix that says more than they do, with what the timeline is searched for. */
export interface Finding {
  readonly invariant:
    'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6' | 'I7' | 'I8' | 'I9' | 'I10' | 'I11' | 'W11' | 'W12' | 'R2';
  readonly what: string;
  readonly tenant?: string;
  readonly object?: string;
  readonly id?: string;
}
