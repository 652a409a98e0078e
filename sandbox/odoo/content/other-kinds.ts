import { listed } from '../rows/segment.ts';
import { field, many2one } from '../schema/build.ts';
import { ACCESS, model, type ModelDef } from '../schema/model.ts';

/** Models that `ir.model` names and nobody can replicate: mixins, wizards, reports. */
export function otherKinds(bornMs: number): readonly ModelDef[] {
  return [
    model({
      model: 'mail.thread',
      name: 'Email Thread',
      kind: 'abstract',
      module: 'mail',
      access: ACCESS.nobody,
      fields: [],
    }),
    model({
      model: 'crm.lead.lost',
      name: 'Get Lost Reason',
      kind: 'transient',
      module: 'crm',
      fields: [many2one('lost_reason_id', 'Lost Reason', 'crm.lost.reason')],
    }),
    model({
      model: 'crm.activity.report',
      name: 'CRM Activity Analysis',
      kind: 'view',
      module: 'crm',
      access: { ...ACCESS.nobody, read: ACCESS.sales.read },
      fields: [
        field('date', 'datetime', 'Completion Date', { readonly: true }),
        many2one('lead_id', 'Opportunity', 'crm.lead', { readonly: true }),
      ],
      segments: listed(1, bornMs, [{ lead_id: 1 }, { lead_id: 2 }]),
    }),
  ];
}
