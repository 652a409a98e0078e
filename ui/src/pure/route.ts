/** Where one is, as the address after `#` has it: `#/acme/approvals/12`. Tenant null, `*` in the address: all customers. */
export type Route =
  | { readonly screen: 'approvals'; readonly tenant: string | null; readonly open: OpenApproval | null }
  | { readonly screen: 'audit'; readonly tenant: string; readonly asked: string }
  | { readonly screen: 'plans'; readonly tenant: string; readonly state: string | null }
  | { readonly screen: 'plan'; readonly tenant: string; readonly plan: string }
  | { readonly screen: 'connections'; readonly tenant: string }
  | { readonly screen: 'aside'; readonly tenant: string }
  | { readonly screen: 'stops'; readonly tenant: string | null }
  | { readonly screen: 'checklist'; readonly tenant: string | null }
  | { readonly screen: 'erasures'; readonly tenant: string; readonly open: number | null }
  | { readonly screen: 'home' };

/** Approvals are numbered by tenant. */
export interface OpenApproval {
  readonly tenant: string;
  readonly id: number;
}

const ALL = '*';

/** What nobody knows leads home. */
export function routeIn(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#/, '').split('?', 2);
  const [place = '', screen, ...rest] = path
    .split('/')
    .slice(1)
    .map((part) => decoded(part));
  if (place === ALL) return routeOfAll(screen, rest);
  const [id, ...more] = rest;
  if (place === '' || more.length > 0) return { screen: 'home' };
  const tenant = place;
  const asked = new URLSearchParams(query);
  switch (screen) {
    case 'approvals': {
      const number = numberIn(id);
      return { screen, tenant, open: number === null ? null : { tenant, id: number } };
    }
    case 'audit':
      return { screen, tenant, asked: asked.get('q') ?? '' };
    case 'plans':
      return id === undefined ? { screen, tenant, state: asked.get('state') } : { screen: 'plan', tenant, plan: id };
    case 'erasures':
      return { screen, tenant, open: numberIn(id) };
    case 'connections':
    case 'aside':
    case 'stops':
    case 'checklist':
      return { screen, tenant };
    default:
      return { screen: 'home' };
  }
}

function routeOfAll(screen: string | undefined, [tenant = '', id]: readonly string[]): Route {
  if (screen === 'approvals') {
    const number = numberIn(id);
    return { screen, tenant: null, open: tenant === '' || number === null ? null : { tenant, id: number } };
  }
  if (screen === 'stops' || screen === 'checklist') return { screen, tenant: null };
  return { screen: 'home' };
}

export function hashOf(route: Route): string {
  if (route.screen === 'home') return '#/';
  const place = route.tenant === null ? ALL : encodeURIComponent(route.tenant);
  switch (route.screen) {
    case 'approvals':
      return `#/${place}/approvals${openText(route)}`;
    case 'audit':
      return `#/${place}/audit${route.asked === '' ? '' : `?${new URLSearchParams({ q: route.asked }).toString()}`}`;
    case 'plans':
      return `#/${place}/plans${route.state === null ? '' : `?${new URLSearchParams({ state: route.state }).toString()}`}`;
    case 'plan':
      return `#/${place}/plans/${encodeURIComponent(route.plan)}`;
    case 'erasures':
      return `#/${place}/erasures${route.open === null ? '' : `/${String(route.open)}`}`;
    default:
      return `#/${place}/${route.screen}`;
  }
}

function openText({ tenant, open }: { readonly tenant: string | null; readonly open: OpenApproval | null }): string {
  if (open === null) return '';
  return `${tenant === null ? `/${encodeURIComponent(open.tenant)}` : ''}/${String(open.id)}`;
}

const numberIn = (text: string | undefined): number | null =>
  text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : null;

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return '';
  }
}
