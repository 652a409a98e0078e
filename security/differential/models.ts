import type { Json } from '../../src/kernel/index.ts';
import type { Column } from './tables.ts';

/** A model of the project, by hand: what its mapping says, worked out apart from Gantry's. */
export interface Model {
  readonly name: string;
  readonly columns: readonly Column[];
  /** Whose value counts first comes first. */
  readonly parts: readonly ModelPart[];
  /** Records of several systems that say the same in it are one row; null: each record is a row. */
  readonly key: string | null;
  /** Fields that lead to a row of another model, by its `crm_id`. */
  readonly references: Readonly<Record<string, string>>;
  /** Related rows: a model, and its field that leads here. */
  readonly many: Readonly<Record<string, { readonly model: string; readonly via: string }>>;
}

export interface ModelPart {
  readonly integration: string;
  readonly object: string;
  readonly fields: Readonly<Record<string, Mapped>>;
  /** Which records are in the model: by these fields, whoever asks. */
  readonly where?: { readonly from: readonly string[]; readonly holds: (values: readonly Json[]) => boolean };
}

export interface Mapped {
  /** Native fields; where one of them is hidden, the value is. */
  readonly from: readonly string[];
  readonly value: (values: readonly Json[]) => Json;
  /** The value is the id of a record of another object, of which that field is taken. */
  readonly lookup?: { readonly object: string; readonly take: string; readonly value: (taken: Json) => Json };
}

const same = (from: string): Mapped => ({ from: [from], value: ([value = null]) => value });

const worded = (from: string, words: Readonly<Record<string, string>>): Mapped => ({
  from: [from],
  value: ([value]) => (typeof value === 'string' ? (words[value] ?? null) : null),
});

const lowered = (value: Json): Json =>
  typeof value === 'string' && value.trim() !== '' ? value.trim().toLowerCase() : null;

const joined = (names: readonly Json[]): Json => {
  const text = names
    .map((name) => (typeof name === 'string' ? name : ''))
    .join(' ')
    .trim();
  return text === '' ? null : text;
};

const lookup = (from: string, object: string, take: string, value = (taken: Json): Json => taken): Mapped => ({
  ...same(from),
  lookup: { object, take, value },
});

const text = (...names: string[]): Column[] => names.map((name) => ({ name, kind: 'text' }));

const crmAccount: ModelPart = {
  integration: 'crm',
  object: 'Account',
  fields: {
    crm_id: same('Id'),
    customer_number: same('Kundennummer__c'),
    name: same('Name'),
    industry: same('Industry'),
    status: worded('Kundenstatus__c', {
      Aktiv: 'active',
      Gefährdet: 'at_risk',
      Gekündigt: 'churned',
      Interessent: 'prospect',
    }),
    city: same('BillingCity'),
    country: same('BillingCountry'),
    employees: same('NumberOfEmployees'),
    owner: same('OwnerId'),
    parent: same('ParentId'),
  },
};

/** As the stage maps it beside the example. */
const organization: ModelPart = {
  integration: 'support',
  object: 'organizations',
  fields: { crm_id: same('external_id'), name: same('name'), industry: same('name') },
};

const partner: ModelPart = {
  integration: 'erp',
  object: 'res.partner',
  where: { from: ['is_company'], holds: ([isCompany]) => isCompany === true },
  fields: {
    crm_id: { from: ['id'], value: ([id = null]) => (id === null ? null : String(id)) },
    customer_number: same('ref'),
    name: same('name'),
    city: same('city'),
    employees: same('x_dipendenti'),
  },
};

const account: Model = {
  name: 'account',
  columns: [
    ...text('crm_id', 'customer_number', 'name', 'industry', 'status', 'city', 'country', 'owner', 'parent'),
    { name: 'employees', kind: 'number' },
  ],
  parts: [crmAccount, organization, partner],
  key: 'crm_id',
  references: { owner: 'user', parent: 'account' },
  many: {
    deals: { model: 'deal', via: 'account' },
    contacts: { model: 'contact', via: 'account' },
    tickets: { model: 'ticket', via: 'account' },
  },
};

const contact: Model = {
  name: 'contact',
  columns: text('crm_id', 'name', 'email', 'job_title', 'account'),
  parts: [
    {
      integration: 'crm',
      object: 'Contact',
      fields: {
        crm_id: same('Id'),
        name: { from: ['FirstName', 'LastName'], value: (names) => joined(names) },
        email: { from: ['Email'], value: ([email = null]) => lowered(email) },
        job_title: same('Title'),
        account: same('AccountId'),
      },
    },
  ],
  key: null,
  references: { account: 'account' },
  many: {},
};

const deal: Model = {
  name: 'deal',
  columns: [
    ...text('crm_id', 'name', 'stage', 'next_step', 'account'),
    { name: 'probability', kind: 'number' },
    { name: 'close_date', kind: 'date' },
  ],
  parts: [
    {
      integration: 'crm',
      object: 'Opportunity',
      fields: {
        crm_id: same('Id'),
        name: same('Name'),
        stage: worded('Vertriebsphase__c', {
          Qualifizierung: 'qualification',
          Bedarfsanalyse: 'discovery',
          Angebot: 'proposal',
          Verhandlung: 'negotiation',
          Gewonnen: 'won',
          Verloren: 'lost',
        }),
        next_step: same('NextStep'),
        account: same('AccountId'),
        probability: same('Probability'),
        close_date: same('CloseDate'),
      },
    },
    {
      integration: 'erp',
      object: 'crm.lead',
      where: { from: ['type'], holds: ([type]) => type === 'opportunity' },
      fields: {
        crm_id: { from: ['id'], value: ([id = null]) => `crm.lead,${String(id)}` },
        name: same('name'),
        close_date: same('date_deadline'),
        probability: same('probability'),
      },
    },
    {
      integration: 'erp',
      object: 'x_renewal',
      where: { from: ['x_active'], holds: ([isActive]) => isActive === true },
      fields: {
        crm_id: { from: ['id'], value: ([id = null]) => `x_renewal,${String(id)}` },
        name: same('x_name'),
        close_date: same('x_end_date'),
      },
    },
  ],
  key: null,
  references: { account: 'account' },
  many: {},
};

const ticket: Model = {
  name: 'ticket',
  columns: text('ticket_id', 'subject', 'status', 'priority', 'kind', 'account', 'requester_email', 'assignee_email'),
  parts: [
    {
      integration: 'support',
      object: 'tickets',
      fields: {
        ticket_id: same('id'),
        subject: same('subject'),
        status: same('status'),
        priority: same('priority'),
        kind: same('type'),
        account: lookup('organization_id', 'organizations', 'external_id'),
        requester_email: lookup('requester_id', 'users', 'email'),
        assignee_email: lookup('assignee_id', 'users', 'email'),
      },
    },
  ],
  key: null,
  references: { account: 'account' },
  many: {},
};

const user: Model = {
  name: 'user',
  columns: [...text('crm_id', 'name', 'email'), { name: 'active', kind: 'boolean' }],
  parts: [
    {
      integration: 'crm',
      object: 'User',
      fields: {
        crm_id: same('Id'),
        name: same('Name'),
        email: { from: ['Email'], value: ([email = null]) => lowered(email) },
        active: same('IsActive'),
      },
    },
    {
      integration: 'erp',
      object: 'res.users',
      fields: {
        crm_id: { from: ['id'], value: ([id = null]) => (id === null ? null : String(id)) },
        name: lookup('partner_id', 'res.partner', 'name'),
        email: { from: ['login'], value: ([login = null]) => lowered(login) },
        active: same('active'),
      },
    },
  ],
  key: null,
  references: {},
  many: {},
};

/** What these connections feed of them, and only what leads to others that they feed. */
export function modelsOf(integrations: readonly string[]): readonly Model[] {
  const fed = [account, contact, deal, ticket, user].flatMap((model) => {
    const parts = model.parts.filter(({ integration }) => integrations.includes(integration));
    const filled = new Set(parts.flatMap(({ fields }) => Object.keys(fields)));
    const columns = model.columns.filter(({ name }) => filled.has(name));
    return parts.length === 0 ? [] : [{ ...model, parts, columns }];
  });
  const names = new Map(fed.map((model) => [model.name, new Set(model.columns.map(({ name }) => name))]));
  return fed.map((model) => ({
    ...model,
    references: Object.fromEntries(
      Object.entries(model.references).filter(([field, to]) => names.get(model.name)?.has(field) && names.has(to)),
    ),
    many: Object.fromEntries(Object.entries(model.many).filter(([, { model: to, via }]) => names.get(to)?.has(via))),
  }));
}
