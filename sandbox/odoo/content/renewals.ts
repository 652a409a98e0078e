import { hash32 } from '../../kit/index.ts';
import type { World, WorldOpportunity } from '../../world/index.ts';
import { segment } from '../rows/segment.ts';
import { field, many2one, monetary, studio } from '../schema/build.ts';
import type { Raw } from '../schema/field.ts';
import { ACCESS, model, type ModelDef } from '../schema/model.ts';
import type { Deals } from './deals.ts';
import { accountPartner, behindPartner, uidOf } from './ids.ts';
import { currencyOf } from './partners.ts';

/** The state is free text: three languages, capitals and blanks as people typed them. */
const SPELLINGS: Readonly<Record<WorldOpportunity['stage'], readonly string[]>> = {
  Qualifizierung: ['neu', 'Neu', 'NEW', 'nuovo', ' nuovo'],
  Bedarfsanalyse: ['in valutazione', 'In Prüfung', 'in review'],
  Angebot: ['offerta inviata', 'Angebot verschickt', 'Proposal sent'],
  Verhandlung: ['In Verhandlung ', 'NEGOTIATION', 'in trattativa', 'trattativa'],
  Gewonnen: ['gewonnen', 'Gewonnen', 'WON', 'vinto', 'Vinto '],
  Verloren: ['verloren', 'LOST', 'perso'],
};

/** Made in Studio: renewals are no opportunities here but a model of their own. */
export function renewalModel(world: World, { renewals }: Deals): ModelDef {
  const draw = (index: number, salt: number): number => hash32(world.seed, index, salt);
  const values: Readonly<Record<string, (deal: WorldOpportunity, index: number) => Raw>> = {
    x_name: (deal) => deal.name,
    x_active: () => true,
    x_partner_id: (deal) => accountPartner(deal.account),
    x_owner_id: (deal) => uidOf(deal.owner),
    x_amount: (deal) => deal.amountEur,
    x_currency_id: (deal) => currencyOf(world.account(deal.account).country),
    x_state: ({ stage }, index) => SPELLINGS[stage][draw(index, 41) % SPELLINGS[stage].length] ?? null,
    x_end_date: (deal) => deal.closeDate.toISOString().slice(0, 10),
    x_notes: (deal) => deal.description,
    x_origine: (_deal, index) => (draw(index, 42) % 5 === 0 ? `crm.lead,${1 + (draw(index, 43) % 50)}` : null),
  };
  return model({
    model: 'x_renewal',
    name: 'Rinnovo',
    state: 'manual',
    module: 'studio_customization',
    recName: 'x_name',
    order: 'id',
    access: ACCESS.internal,
    fields: [
      field('x_name', 'char', 'Descrizione', { required: true }),
      field('x_active', 'boolean', 'Active', { default: true }),
      many2one('x_partner_id', 'Cliente', 'res.partner'),
      many2one('x_owner_id', 'Responsabile', 'res.users'),
      monetary('x_amount', 'Importo annuo', 'x_currency_id'),
      many2one('x_currency_id', 'Valuta', 'res.currency'),
      field('x_state', 'char', 'Stato', { help: 'neu, in trattativa, gewonnen ...' }),
      field('x_end_date', 'date', 'Scadenza'),
      field('x_notes', 'text', 'Note'),
      field('x_origine', 'reference', 'Origine', {
        selection: [
          ['sale.order', 'Sales Order'],
          ['crm.lead', 'Lead/Opportunity'],
        ],
      }),
    ].map(studio),
    segments: [
      segment({
        firstId: 1,
        count: () => renewals.count,
        item: (index) => world.opportunity(renewals.at(index)),
        writeMs: (index) => world.modifiedMs('opportunities', renewals.at(index)),
        createMs: (deal) => deal.createdAt.getTime(),
        values,
        children: (name, parent) => {
          if (name !== 'x_partner_id') return null;
          const behind = behindPartner(world, parent);
          if (behind?.kind !== 'account') return [];
          return world
            .childrenOf('opportunities', behind.index)
            .map((index) => renewals.placeOf(index))
            .filter((place) => place !== null)
            .map((place) => place + 1);
        },
      }),
    ],
  });
}
