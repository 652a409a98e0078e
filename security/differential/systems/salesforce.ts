import { tokenOf, type Change, type Changing, type System } from '../system.ts';
import { writeInSalesforce } from '../writing/vendor-write.ts';

const API = '/services/data/v62.0';
const objects = [
  'Account',
  'Contact',
  'Opportunity',
  'Case',
  'Lead',
  'Campaign',
  'Task',
  'Event',
  'User',
  'Vertrag__c',
];
/** Those whose records have owners of their own and shares. */
const shared = ['Account', 'Opportunity', 'Case', 'Lead', 'Vertrag__c'];

interface State {
  readonly groups: readonly { readonly name: string; readonly type: string }[];
  readonly roles: readonly { readonly name: string }[];
  readonly profiles: readonly string[];
  readonly permissionSets: readonly string[];
}

const hideable: Readonly<Record<string, readonly string[]>> = {
  Account: ['Industry', 'Phone', 'AnnualRevenue'],
  Opportunity: ['NextStep', 'Auftragswert__c', 'Probability'],
  Contact: ['Title', 'Email'],
  Case: ['Subject', 'Priority'],
};

const sharing = ({ sandbox }: Changing, form: object): Promise<unknown> => sandbox.control('POST', 'sharing', form);

const stateOf = ({ state }: Changing): State => state as unknown as State;

function target(around: Changing): unknown {
  const { draw, people } = around;
  const { groups, roles } = stateOf(around);
  const regular = groups.filter(({ type }) => type === 'Regular').map(({ name }) => name);
  return draw.pick([
    draw.pick(people).username,
    draw.pick(people).username,
    { group: draw.pick(regular) },
    { role: draw.pick(roles).name },
    { roleAndSubordinates: draw.pick(roles).name },
  ]);
}

/** Shares that were given by hand, by sandbox; some of them have ended since. */
const given = new WeakMap<Changing['sandbox'], { object: string; id: string; to: unknown }[]>();

const givenBy = ({ sandbox }: Changing) => {
  const known = given.get(sandbox) ?? [];
  given.set(sandbox, known);
  return known;
};

const share: Change = (around) => {
  const { draw, idsOf } = around;
  const object = draw.pick(shared);
  const more =
    object === 'Account' ? { opportunity: draw.pick(['None', 'Read']), case: draw.pick(['None', 'Read']) } : {};
  const form = { object, id: draw.pick(idsOf(object)), to: target(around) };
  givenBy(around).push(form);
  return sharing(around, { share: { ...form, ...more } });
};

/** Whom the person is above or below, and in which groups, says what others are shown, too. */
const changes: Readonly<Record<string, Change>> = {
  owner: ({ sandbox, draw, people, idsOf }) => {
    const object = draw.pick(shared);
    return sandbox.mutate({
      op: 'update',
      object,
      id: draw.pick(idsOf(object)),
      fields: { OwnerId: draw.pick(people).id },
    });
  },
  role: (around) =>
    sharing(around, {
      user: around.draw.pick(around.people).username,
      role: around.draw.pick([null, ...stateOf(around).roles.map(({ name }) => name)]),
    }),
  groups: (around) =>
    sharing(around, {
      user: around.draw.pick(around.people).username,
      groups: around.draw.some(
        stateOf(around).groups.flatMap(({ name, type }) => (type === 'Regular' ? [name] : [])),
        around.draw.below(4),
      ),
    }),
  share,
  // Of most shares that end nothing tells but that they are not there any more.
  unshare: async (around) => {
    const known = givenBy(around);
    const ended = known.splice(around.draw.below(Math.max(known.length, 1)), 1)[0];
    if (ended === undefined) return share(around);
    await sharing(around, { shares: { keepRemoved: around.draw.chance(30) } });
    return sharing(around, { unshare: ended });
  },
  fields: (around) => {
    const object = around.draw.pick(Object.keys(hideable));
    const name = around.draw.pick(stateOf(around).profiles.filter((each) => each !== 'System Administrator'));
    const fields = { [object]: [around.draw.pick(hideable[object] ?? [])] };
    return sharing(around, {
      profile: { name, ...(around.draw.chance(60) ? { hideFields: fields } : { showFields: fields }) },
    });
  },
  model: (around) =>
    sharing(around, {
      object: around.draw.pick(['Case', 'Lead', 'Vertrag__c']),
      model: around.draw.pick(['Private', 'Private', 'Read']),
    }),
};

/** Which objects and fields, and whether anything. */
const ownChanges: Readonly<Record<string, Change>> = {
  profile: (around) =>
    sharing(around, {
      user: around.draw.pick(around.people).username,
      profile: around.draw.pick(stateOf(around).profiles.filter((name) => name !== 'System Administrator')),
    }),
  permissionSets: (around) =>
    sharing(around, {
      user: around.draw.pick(around.people).username,
      permissionSets: around.draw.some(
        stateOf(around).permissionSets.filter((name) => name !== 'Integration'),
        around.draw.below(4),
      ),
    }),
  active: (around) =>
    sharing(around, { user: around.draw.pick(around.people).username, active: around.draw.chance(60) }),
};

/** Owner, hierarchy, groups, shares by hand and by rule, profiles and field security, all of it with 200 users. */
export const salesforce: System = {
  provider: 'salesforce',
  customer: 'acme',
  integration: 'crm',
  objects,
  idField: 'Id',
  signsIn: false,
  linkedByName: false,
  users: 200,
  heldBackMs: 0,
  callLimits: {},
  sandboxLimits: null,
  isWhole: true,
  isCompared: () => true,
  marked: { Account: 'Industry', Opportunity: 'NextStep', Contact: 'Title', Case: 'Subject' },
  joins: [
    { from: 'Opportunity', field: 'AccountId', to: 'Account' },
    { from: 'Contact', field: 'AccountId', to: 'Account' },
    { from: 'Case', field: 'AccountId', to: 'Account' },
  ],
  idsByApi: async (sandbox, user, object) => {
    const ids = new Set<string>();
    let path: string | null = `${API}/query?q=${encodeURIComponent(`SELECT Id FROM ${object}`)}`;
    const token = await tokenOf(sandbox, user);
    while (path !== null) {
      const response: Response = await fetch(`${sandbox.url}${path}`, {
        headers: { authorization: `Bearer ${token ?? ''}` },
      });
      if (!response.ok) return null;
      const page = (await response.json()) as { records: { Id: string }[]; nextRecordsUrl?: string };
      for (const { Id } of page.records) ids.add(Id);
      path = page.nextRecordsUrl ?? null;
    }
    return ids;
  },
  writing: {
    fields: {
      Account: ['Phone', 'BillingCity', 'Name'],
      Contact: ['MobilePhone', 'LastName'],
      Opportunity: ['Name', 'Description'],
      Lead: ['Phone', 'Company'],
      Case: ['Description'],
      Task: ['Description'],
    },
    newRecord: (object, draw) => {
      const name = `New ${String(draw.below(1_000_000))}`;
      if (object === 'Account') return { Name: name };
      if (object === 'Contact') return { LastName: name };
      if (object === 'Lead') return { LastName: name, Company: name };
      return object === 'Opportunity' ? { Name: name } : { Subject: 'Call' };
    },
    writeAs: writeInSalesforce,
  },
  changes,
  ownChanges,
};
