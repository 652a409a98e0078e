import { listed } from '../rows/segment.ts';
import { field, many2many, many2one } from '../schema/build.ts';
import { ACCESS, model, type ModelDef } from '../schema/model.ts';
import { COUNTRY, CURRENCY } from './ids.ts';

const COUNTRIES = [
  ['DE', COUNTRY.DE, 'Germany', 49, CURRENCY.EUR, true],
  ['FR', COUNTRY.FR, 'France', 33, CURRENCY.EUR, true],
  ['IT', COUNTRY.IT, 'Italy', 39, CURRENCY.EUR, true],
  ['AT', COUNTRY.AT, 'Austria', 43, CURRENCY.EUR, true],
  ['CH', COUNTRY.CH, 'Switzerland', 41, CURRENCY.CHF, false],
  ['NL', COUNTRY.NL, 'Netherlands', 31, CURRENCY.EUR, true],
  ['US', COUNTRY.US, 'United States', 1, CURRENCY.USD, false],
  ['GB', COUNTRY.GB, 'United Kingdom', 44, CURRENCY.GBP, false],
  ['ES', 68, 'Spain', 34, CURRENCY.EUR, true],
  ['BE', 20, 'Belgium', 32, CURRENCY.EUR, true],
] as const;
const EUROPE = 1;
const CURRENCIES = [
  { name: 'EUR', symbol: '€', full_name: 'Euro', rate: 1, active: true, decimal_places: 2 },
  { name: 'USD', symbol: '$', full_name: 'United States dollar', rate: 1.0842, active: true, decimal_places: 2 },
  { name: 'CHF', symbol: 'CHF', full_name: 'Swiss franc', rate: 0.9417, active: true, decimal_places: 2 },
  { name: 'GBP', symbol: '£', full_name: 'Pound sterling', rate: 0.8561, active: false, decimal_places: 2 },
] as const;

/** Countries, their groups and currencies, as the base data of an installation. */
export function placeModels(bornMs: number): readonly ModelDef[] {
  return [
    model({
      model: 'res.country',
      name: 'Country',
      order: 'name',
      access: ACCESS.lookup,
      fields: [
        field('name', 'char', 'Country Name', { required: true, translate: true }),
        field('code', 'char', 'Country Code', { size: 2, required: true, help: 'The ISO country code in two chars.' }),
        field('phone_code', 'integer', 'Country Calling Code'),
        many2one('currency_id', 'Currency', 'res.currency'),
        many2many('country_group_ids', 'Country Groups', 'res.country.group'),
      ],
      segments: listed(
        0,
        bornMs,
        COUNTRIES.map(([code, , name, phone, currency, union]) => ({
          name,
          code,
          phone_code: phone,
          currency_id: currency,
          country_group_ids: union ? [EUROPE] : [],
        })),
        COUNTRIES.map(([, id]) => id),
      ),
    }),
    model({
      model: 'res.country.group',
      name: 'Country Group',
      access: ACCESS.lookup,
      fields: [
        field('name', 'char', 'Name', { required: true, translate: true }),
        many2many('country_ids', 'Countries', 'res.country'),
      ],
      segments: listed(EUROPE, bornMs, [
        {
          name: 'European Union',
          country_ids: COUNTRIES.filter(([, , , , , union]) => union).map(([, id]) => id),
        },
      ]),
    }),
    model({
      model: 'res.currency',
      name: 'Currency',
      order: 'active desc, name',
      access: ACCESS.lookup,
      fields: [
        field('name', 'char', 'Currency', { size: 3, required: true, help: 'Currency Code (ISO 4217)' }),
        field('full_name', 'char', 'Name', { from: 17 }),
        field('symbol', 'char', 'Symbol', { required: true }),
        field('rate', 'float', 'Current Rate', { digits: [0, 0], store: false, readonly: true }),
        field('decimal_places', 'integer', 'Decimal Places'),
        field('active', 'boolean', 'Active', { default: true }),
      ],
      segments: listed(0, bornMs, CURRENCIES, [CURRENCY.EUR, CURRENCY.USD, CURRENCY.CHF, CURRENCY.GBP]),
    }),
  ];
}
