import { hash32 } from '../../kit/index.ts';
import type { World, WorldOpportunity } from '../../world/index.ts';
import { segment } from '../rows/segment.ts';
import { field, many2one, monetary, one2many, related, selection } from '../schema/build.ts';
import type { Raw } from '../schema/field.ts';
import { ACCESS, GROUPS, model, type ModelDef } from '../schema/model.ts';
import type { Deals, Subset } from './deals.ts';
import { accountPartner, COMPANY_ID, uidOf } from './ids.ts';
import { currencyOf } from './partners.ts';

/** Every order has a line for the machine and one for its service. */
const LINES = [
  { name: 'Impianto', share: 0.8 },
  { name: 'Servizio annuale', share: 0.2 },
] as const;
const TAX = 0.22;
const cents = (amount: number): number => Math.round(amount * 100) / 100;

/** Orders of the deals that were won, in the customer's currency. */
export function saleModels(world: World, { won }: Deals): readonly ModelDef[] {
  return [orderModel(world, won), orderLineModel(world, won)];
}

function orderModel(world: World, won: Subset): ModelDef {
  const values: Readonly<Record<string, (deal: WorldOpportunity, index: number) => Raw>> = {
    name: (_deal, index) => `S${String(index + 1).padStart(5, '0')}`,
    state: () => 'sale',
    partner_id: (deal) => accountPartner(deal.account),
    user_id: (deal) => uidOf(deal.owner),
    currency_id: (deal) => currencyOf(world.account(deal.account).country),
    date_order: (deal) => deal.closeDate.getTime() * 1000,
    client_order_ref: (_deal, index) => (hash32(world.seed, index, 51) % 3 === 0 ? `PO-${index + 4_100}` : null),
    amount_untaxed: (deal) => deal.amountEur,
    amount_tax: (deal) => cents(deal.amountEur * TAX),
    amount_total: (deal) => cents(deal.amountEur + cents(deal.amountEur * TAX)),
  };
  return model({
    model: 'sale.order',
    name: 'Sales Order',
    module: 'sale',
    order: 'date_order desc, id desc',
    access: ACCESS.sales,
    // addons/sale/security/ir_rules.xml
    rules: [
      { name: 'Sales Order multi-company', domain: "[('company_id', 'in', company_ids)]" },
      {
        name: 'Personal Orders',
        groups: [GROUPS.salesman],
        domain: "['|', ('user_id', '=', user.id), ('user_id', '=', False)]",
      },
      { name: 'All Orders', groups: [GROUPS.allLeads], domain: "[(1, '=', 1)]" },
    ],
    fields: [
      field('name', 'char', 'Order Reference', { required: true, readonly: true }),
      selection(
        'state',
        'Status',
        { draft: 'Quotation', sent: 'Quotation Sent', sale: 'Sales Order', cancel: 'Cancelled' },
        { readonly: true, default: 'draft' },
      ),
      many2one('partner_id', 'Customer', 'res.partner', { required: true }),
      many2one('user_id', 'Salesperson', 'res.users'),
      many2one('company_id', 'Company', 'res.company', { required: true, default: COMPANY_ID }),
      many2one('currency_id', 'Currency', 'res.currency'),
      field('date_order', 'datetime', 'Order Date', { required: true }),
      field('client_order_ref', 'char', 'Customer Reference'),
      monetary('amount_untaxed', 'Untaxed Amount', 'currency_id', { readonly: true }),
      monetary('amount_tax', 'Taxes', 'currency_id', { readonly: true }),
      monetary('amount_total', 'Total', 'currency_id', { readonly: true }),
      one2many('order_line', 'Order Lines', 'sale.order.line', 'order_id'),
    ],
    segments: [
      segment({
        firstId: 1,
        count: () => won.count,
        item: (index) => world.opportunity(won.at(index)),
        writeMs: (index) => world.modifiedMs('opportunities', won.at(index)),
        createMs: (deal) => deal.createdAt.getTime(),
        values,
        cheap: { company_id: () => COMPANY_ID },
      }),
    ],
  });
}

function orderLineModel(world: World, won: Subset): ModelDef {
  const orderOf = (index: number): number => won.at(Math.floor(index / LINES.length));
  const values: Readonly<Record<string, (deal: WorldOpportunity, index: number) => Raw>> = {
    name: (_deal, index) => LINES[index % LINES.length]?.name ?? null,
    sequence: (_deal, index) => 10 + (index % LINES.length),
    product_uom_qty: () => 1,
    price_unit: (deal, index) => cents(deal.amountEur * (LINES[index % LINES.length]?.share ?? 0)),
    price_subtotal: (deal, index) => cents(deal.amountEur * (LINES[index % LINES.length]?.share ?? 0)),
  };
  return model({
    model: 'sale.order.line',
    name: 'Sales Order Line',
    module: 'sale',
    order: 'order_id, sequence, id',
    access: ACCESS.sales,
    rules: [
      { name: 'Sales Order Line multi-company', domain: "[('order_id.company_id', 'in', company_ids)]" },
      {
        name: 'Personal Order Lines',
        groups: [GROUPS.salesman],
        domain: "['|', ('order_id.user_id', '=', user.id), ('order_id.user_id', '=', False)]",
      },
      { name: 'All Order Lines', groups: [GROUPS.allLeads], domain: "[(1, '=', 1)]" },
    ],
    fields: [
      many2one('order_id', 'Order Reference', 'sale.order', { required: true, ondelete: 'cascade' }),
      field('name', 'text', 'Description', { required: true }),
      field('sequence', 'integer', 'Sequence', { default: 10 }),
      field('product_uom_qty', 'float', 'Quantity', { required: true, digits: [16, 2], default: 1 }),
      field('price_unit', 'float', 'Unit Price', { required: true, digits: [16, 2] }),
      related(many2one('currency_id', 'Currency', 'res.currency'), 'order_id.currency_id'),
      monetary('price_subtotal', 'Subtotal', 'currency_id', { readonly: true }),
    ],
    segments: [
      segment({
        firstId: 1,
        count: () => won.count * LINES.length,
        item: (index) => world.opportunity(orderOf(index)),
        writeMs: (index) => world.modifiedMs('opportunities', orderOf(index)),
        createMs: (deal) => deal.createdAt.getTime(),
        values,
        cheap: { order_id: (index) => Math.floor(index / LINES.length) + 1 },
        children: (name, parent) => {
          if (name !== 'order_id') return null;
          if (parent < 1 || parent > won.count) return [];
          return LINES.map((_line, at) => (parent - 1) * LINES.length + at + 1);
        },
      }),
    ],
  });
}
