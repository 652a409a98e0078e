import { ruleAudience } from '../../access/index.ts';
import type { Json, JsonObject } from '../../kernel/index.ts';
import type { AccessFacts, Audience, SessionPermissions } from '../../connectors/index.ts';
import type { AccessRule } from '../../manifest/index.ts';
import type { NativeObject } from '../../schema/index.ts';
import type { AccessPlan } from '../../store/index.ts';

/**
 * How the audience of a record is found. `open`: classes are not needed
 * (everyone sees it, or nobody tells). `asking`: only by asking as each user.
 * `later`: it follows from the record, but by somebody who is not here.
 */
export type Judge =
  | { readonly kind: 'by_record'; readonly audienceOf: (record: JudgedRecord) => Audience | null }
  | { readonly kind: 'asking' }
  | { readonly kind: 'later' }
  | { readonly kind: 'open' };

export interface JudgedRecord {
  readonly id: string;
  readonly srcAt: Date | null;
  /** As it is kept. */
  readonly docText: string;
}

export function judgeOf(
  plan: Pick<AccessPlan, 'strategy' | 'rule'>,
  object: NativeObject,
  permissions: SessionPermissions | null,
  facts: AccessFacts | null,
): Judge {
  switch (plan.strategy) {
    case 'rule': {
      const rule = ruleOf(plan.rule ?? {});
      return { kind: 'by_record', audienceOf: ({ docText }) => ({ grantees: ruleAudience(rule, valuesOf(docText)) }) };
    }
    case 'record':
    case 'shares':
      if (permissions === null || facts === null) return { kind: 'later' };
      return {
        kind: 'by_record',
        audienceOf: ({ id, srcAt, docText }) =>
          permissions.audienceOf(object, { id, modifiedAt: srcAt, deleted: false, values: valuesOf(docText) }, facts),
      };
    case 'as_user':
      return { kind: 'asking' };
    default:
      return { kind: 'open' };
  }
}

const valuesOf = (docText: string): JsonObject => JSON.parse(docText) as JsonObject;

const ruleOf = (rule: JsonObject): AccessRule => ({
  owner: textIn(rule['owner']),
  team: textIn(rule['team']),
  territory: textIn(rule['territory']),
});

const textIn = (value: Json | undefined): string | null => (typeof value === 'string' ? value : null);
