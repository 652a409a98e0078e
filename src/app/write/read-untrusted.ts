import type { Caller } from '../../access/index.ts';
import type { CallerContext } from '../../mcp/index.ts';

/**
 * Whether what an agent wants may be what somebody else's text wanted of it:
 * whoever can read free text of others counts as having read it. That holds in
 * every process and after every restart, and the way out is a narrower grant.
 */
export function readUntrusted({ caller }: CallerContext): boolean {
  const known = judged.get(caller);
  if (known !== undefined) return known;
  const reads = [...caller.objects.values()].some(({ fields }) =>
    [...fields.values()].some(({ untrusted, type }) => untrusted && (type === 'text' || type === 'json')),
  );
  judged.set(caller, reads);
  return reads;
}

const judged = new WeakMap<Caller, boolean>();
