/** Who is told when something is wrong. */
export interface AlertSettings {
  /** What nobody acknowledged is told again after so long; null: never. */
  readonly remindMs: number | null;
  readonly routes: ReadonlyMap<string, AlertRoute>;
}

/** A way to tell people. Addresses that are secret, and what signs, come from the environment, by the route's name. */
export interface AlertRoute {
  readonly name: string;
  /** Globs over topics. */
  readonly topics: readonly string[];
  /** Globs over slugs; `*` alone includes what concerns the whole installation. */
  readonly tenants: readonly string[];
  /** The least that is told. */
  readonly severity: 'info' | 'warning' | 'critical';
  readonly to:
    | { readonly kind: 'webhook' }
    | { readonly kind: 'slack' }
    | { readonly kind: 'email'; readonly addresses: readonly string[] };
}
