import type { ReactNode } from 'react';
import { roleFor, type Deed } from '../pure/may.ts';

/** Instead of a screen that somebody's role does not open. */
export function NeedsRole({ what, why }: { readonly what: Deed; readonly why: string }): ReactNode {
  return (
    <p className="soft">
      {why} this needs the role {roleFor(what)}.
    </p>
  );
}
