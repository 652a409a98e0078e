/** What the list before a launch has to be told, because no program can know it. */
export interface ChecklistPolicy {
  /** Slug of the tenant that is connected to sandboxes; null: there is none. */
  readonly sandbox: string | null;
  /** Keys are exchanged within so many days. */
  readonly rotateDays: number;
  readonly thresholds: SignedThresholds | null;
}

/** The business owner's word on the rules, as they were then. */
export interface SignedThresholds {
  readonly by: string;
  /** `2026-11-20` */
  readonly on: string;
  /** Of the rules that were signed. */
  readonly rules: string;
}
