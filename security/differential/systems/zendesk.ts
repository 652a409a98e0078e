import { tokenOf, type Change, type Changing, type System } from '../system.ts';
import { writeInZendesk } from '../writing/vendor-write.ts';

interface State {
  readonly groups: readonly { readonly id: number; readonly name: string; readonly deleted: boolean }[];
  readonly roles: readonly { readonly name: string }[];
}

const restrictions = [null, 'groups', 'organization', 'assigned'];

const usable = ({ state }: Changing): State => {
  const { groups, roles } = state as unknown as State;
  return { groups: groups.filter(({ deleted }) => !deleted), roles };
};

const changes: Readonly<Record<string, Change>> = {
  group: (around) =>
    around.sandbox.mutate({
      op: 'update',
      object: 'tickets',
      id: around.draw.pick(around.idsOf('tickets')),
      fields: { group_id: around.draw.pick(usable(around).groups).id },
    }),
  assignee: ({ sandbox, draw, people, idsOf }) =>
    sandbox.mutate({
      op: 'update',
      object: 'tickets',
      id: draw.pick(idsOf('tickets')),
      fields: { assignee_id: Number(draw.pick(people).id) },
    }),
};

const change = ({ sandbox, draw, people }: Changing, form: object): Promise<unknown> =>
  sandbox.control('POST', 'sharing', { user: draw.pick(people).id, ...form });

/** Agents are shown to all other agents, whatever they are in. */
const ownChanges: Readonly<Record<string, Change>> = {
  groups: (around) =>
    change(around, {
      groups: around.draw.some(usable(around).groups, 1 + around.draw.below(2)).map(({ id }) => id),
    }),
  restriction: (around) => change(around, { customRole: null, restriction: around.draw.pick(restrictions) }),
  role: (around) => change(around, { customRole: around.draw.pick(usable(around).roles).name }),
  organizations: (around) =>
    change(around, { organizations: around.draw.some(around.idsOf('organizations'), 2).map(Number) }),
  suspended: (around) => change(around, { suspended: around.draw.chance(30) }),
};

type Answer = Record<string, { id: number }[]> & {
  readonly meta?: { readonly has_more: boolean };
  readonly links?: { readonly next: string | null };
};

/** Some agents are refused lists, and are shown single records all the same; end users are shown themselves. */
async function oneByOne(
  get: (path: string) => Promise<Answer | null>,
  object: string,
  known: readonly string[],
): Promise<ReadonlySet<string> | null> {
  const ids = new Set<string>();
  for (let at = 0; at < known.length; at += 100) {
    const found = await get(`${object}/show_many.json?ids=${known.slice(at, at + 100).join(',')}`);
    if (found === null) {
      const me = object === 'users' ? ((await get('users/me.json')) as { user?: { id: number } } | null) : null;
      return me?.user === undefined ? null : new Set([String(me.user.id)]);
    }
    for (const { id } of found[object] ?? []) ids.add(String(id));
  }
  return ids;
}

/** Custom roles, restrictions, private groups, organizations. */
export const zendesk: System = {
  provider: 'zendesk',
  customer: 'acme',
  integration: 'support',
  objects: ['tickets', 'users', 'organizations'],
  idField: 'id',
  signsIn: false,
  linkedByName: false,
  users: 200,
  heldBackMs: 60_000,
  callLimits: { incremental_exports: { calls: 30, reserve: 0 } },
  sandboxLimits: null,
  isWhole: true,
  // The two name custom fields differently, and links into the API are nobody's data.
  isCompared: (field) => !/^custom_|_fields_|^url$/.test(field),
  marked: { tickets: 'subject' },
  joins: [{ from: 'tickets', field: 'organization_id', to: 'organizations' }],
  idsByApi: async (sandbox, user, object, known) => {
    const headers = { authorization: `Bearer ${(await tokenOf(sandbox, user)) ?? ''}` };
    const get = async (path: string): Promise<Answer | null> => {
      const response = await fetch(`${sandbox.url}/api/v2/${path}`, { headers });
      return response.ok ? ((await response.json()) as Answer) : null;
    };
    const idsIn = (answer: Answer): string[] => (answer[object] ?? []).map(({ id }) => String(id));
    const ids = new Set<string>();
    let path: string | null = `${object}.json?page[size]=100`;
    while (path !== null) {
      const page: Answer | null = await get(path);
      if (page === null) return oneByOne(get, object, [...known]);
      for (const id of idsIn(page)) ids.add(id);
      const next: string | null = page.meta?.has_more === true ? (page.links?.next ?? null) : null;
      path = next === null ? null : next.slice(next.indexOf('/api/v2/') + '/api/v2/'.length);
    }
    return ids;
  },
  writing: {
    fields: { tickets: ['external_id'], users: ['notes', 'details'], organizations: ['notes', 'details'] },
    newRecord: (object, draw) => {
      const name = `New ${String(draw.below(1_000_000))}`;
      return object === 'tickets' ? { subject: name, description: name } : { name };
    },
    writeAs: writeInZendesk,
  },
  changes,
  ownChanges,
};
