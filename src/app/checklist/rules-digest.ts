import { canonicalJson, contentHash } from '../../kernel/index.ts';
import { partJson, type Policies } from '../../manifest/index.ts';
import { defaultRules } from '../../policy/index.ts';

/** 12 digits that stand for what may be written, with whom, and what stops by itself: others for other rules. */
export function rulesDigest({
  approvals = defaultRules,
  switches = [],
}: Pick<Policies, 'approvals' | 'switches'>): string {
  return contentHash(canonicalJson(partJson({ approvals, switches }))).slice(0, 12);
}
