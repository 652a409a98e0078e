/** What has to hold always. */
type Invariant = 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6' | 'I7' | 'I8' | 'I9' | 'I10' | 'I11';
/** Rows of the fault matrix that say more than the invariants do. */
type Row = 'W7' | 'W9' | 'W11' | 'W12' | 'P4' | 'P5' | 'R2' | 'R3';

/** A broken invariant, or a row of the fault matrix that says more than they do, with what the timeline is searched for. */
export interface Finding {
  readonly invariant: Invariant | Row;
  readonly what: string;
  readonly tenant?: string;
  readonly object?: string;
  readonly id?: string;
}
