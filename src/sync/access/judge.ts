import { ruleAudience, ruleIn } from '../../access/index.ts';
import type { JsonObject } from '../../kernel/index.ts';
import type { AccessFacts, Audience, SessionPermissions } from '../../connectors/index.ts';
import type { NativeObject } from '../../schema/index.ts';
import type { AccessPlan } from '../../store/index.ts';

/**
 * How the audience of a record is found. `open`: classes are not needed
 * (everyone sees it, or nobody tells). `asking`: only by asking as each user.
 * `later`: it follows from the record, but by somebody who is not here.
 */
export type Judge =
  | {
      readonly kind: 'by_record';
      /**
       * `unfit`: fields whose values were set aside. One that decides leaves the
       * record to nobody: without it another audience would follow, and perhaps a larger one.
       */
      readonly audienceOf: (record: JudgedRecord, unfit: readonly string[]) => Audience | null;
    }
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
      const rule = ruleIn(plan.rule ?? {});
      return {
        kind: 'by_record',
        audienceOf: (record, unfit) =>
          fromFitting(record, unfit, (values) => ({ grantees: ruleAudience(rule, values) })),
      };
    }
    case 'record':
    case 'shares':
      if (permissions === null || facts === null) return { kind: 'later' };
      return {
        kind: 'by_record',
        audienceOf: (record, unfit) =>
          fromFitting(record, unfit, (values) =>
            permissions.audienceOf(object, { id: record.id, modifiedAt: record.srcAt, deleted: false, values }, facts),
          ),
      };
    case 'as_user':
      return { kind: 'asking' };
    default:
      return { kind: 'open' };
  }
}

/** Which fields decide is whoever's judgement it is to know: a field decides that was looked at. */
function fromFitting(
  { docText }: JudgedRecord,
  unfit: readonly string[],
  judge: (values: JsonObject) => Audience | null,
): Audience | null {
  const values = JSON.parse(docText) as JsonObject;
  let isDecided = true;
  for (const field of unfit) {
    Object.defineProperty(values, field, {
      enumerable: true,
      get: () => {
        isDecided = false;
        return null;
      },
    });
  }
  const audience = judge(values);
  return isDecided ? audience : null;
}
