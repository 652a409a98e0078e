import { tokenOf, type Changing, type System } from '../system.ts';

interface State {
  readonly groups: readonly { readonly id: number; readonly name: string; readonly deleted: boolean }[];
  readonly roles: readonly { readonly name: string }[];
}

const restrictions = [null, 'groups', 'organization', 'assigned'];

const changes: Readonly<Record<string, (around: Changing, state: State) => Promise<unknown>>> = {
  group: ({ sandbox, draw, idsOf }, { groups }) =>
    sandbox.mutate({
      op: 'update',
      object: 'tickets',
      id: draw.pick(idsOf('tickets')),
      fields: { group_id: draw.pick(groups).id },
    }),
  assignee: ({ sandbox, draw, people, idsOf }) =>
    sandbox.mutate({
      op: 'update',
      object: 'tickets',
      id: draw.pick(idsOf('tickets')),
      fields: { assignee_id: Number(draw.pick(people).id) },
    }),
  groups: ({ sandbox, draw, people }, { groups }) =>
    sandbox.control('POST', 'sharing', {
      user: draw.pick(people).id,
      groups: draw.some(groups, 1 + draw.below(2)).map(({ id }) => id),
    }),
  restriction: ({ sandbox, draw, people }) =>
    sandbox.control('POST', 'sharing', {
      user: draw.pick(people).id,
      customRole: null,
      restriction: draw.pick(restrictions),
    }),
  role: ({ sandbox, draw, people }, { roles }) =>
    sandbox.control('POST', 'sharing', { user: draw.pick(people).id, customRole: draw.pick(roles).name }),
  organizations: ({ sandbox, draw, people, idsOf }) =>
    sandbox.control('POST', 'sharing', {
      user: draw.pick(people).id,
      organizations: draw.some(idsOf('organizations'), 2).map(Number),
    }),
  suspended: ({ sandbox, draw, people }) =>
    sandbox.control('POST', 'sharing', { user: draw.pick(people).id, suspended: draw.chance(30) }),
};

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
  isWhole: true,
  // The two name custom fields differently, and links into the API are nobody's data.
  isCompared: (field) => !/^custom_|_fields_|^url$/.test(field),
  marked: { tickets: 'subject' },
  joins: [{ from: 'tickets', field: 'organization_id', to: 'organizations' }],
  idsByApi: async (sandbox, user, object) => {
    const ids = new Set<string>();
    const token = await tokenOf(sandbox, user);
    let url: string | null = `${sandbox.url}/api/v2/${object}.json?page[size]=100`;
    while (url !== null) {
      const response: Response = await fetch(url, { headers: { authorization: `Bearer ${token ?? ''}` } });
      if (!response.ok) return null;
      const page = (await response.json()) as Record<string, { id: number }[]> & {
        meta?: { has_more: boolean };
        links?: { next: string | null };
      };
      for (const { id } of page[object] ?? []) ids.add(String(id));
      url = page.meta?.has_more === true ? (page.links?.next ?? null) : null;
    }
    return ids;
  },
  change: async (around) => {
    const state = around.state as unknown as State;
    const usable = { ...state, groups: state.groups.filter(({ deleted }) => !deleted) };
    const kind = around.draw.pick(Object.keys(changes));
    return `${kind} ${JSON.stringify((await changes[kind]?.(around, usable)) ?? null).slice(0, 120)}`;
  },
};
