import type { LiveRow } from '../rows/live-table.ts';
import type { ShareRow } from './share-rows.ts';
import { shareFields } from './share-objects.ts';
import type { ChildAccess, Model, SharingState } from './state.ts';

/** Share rows as the Share object shows them; removed ones last only while the org keeps them. */
export function shareLiveRows(
  object: string,
  rows: readonly ShareRow[],
  state: SharingState,
  model: (object: string) => Model,
): readonly LiveRow[] {
  const { record, access } = shareFields(object);
  const atLeast = (child: string, given: ChildAccess): string => {
    if (model(child) === 'ReadWrite') return 'Edit';
    return model(child) === 'Read' && given === 'None' ? 'Read' : given;
  };
  const kept = state.keepRemoved ? rows : rows.filter(({ deleted }) => !deleted);
  return kept.map((row): LiveRow => {
    const { children } = row;
    const below =
      object === 'Account'
        ? {
            OpportunityAccessLevel: atLeast('Opportunity', children.opportunity),
            CaseAccessLevel: atLeast('Case', children.case),
            ContactAccessLevel: model('Contact') === 'ControlledByParent' ? null : atLeast('Contact', children.contact),
          }
        : {};
    return {
      id: row.id,
      createdMs: row.createdMs,
      modifiedMs: row.modifiedMs,
      deleted: row.deleted,
      values: {
        [record]: row.recordId,
        [access]: row.access,
        ...below,
        UserOrGroupId: row.to,
        RowCause: row.cause,
        LastModifiedById: state.users[0]?.id ?? null,
      },
    };
  });
}
