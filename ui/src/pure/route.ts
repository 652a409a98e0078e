/** Where one is, as the address after `#` has it: `#/acme/approvals/12`. */
export type Route =
  | { readonly screen: 'approvals'; readonly tenant: string; readonly open: number | null }
  | { readonly screen: 'audit'; readonly tenant: string; readonly asked: string }
  | { readonly screen: 'plan'; readonly tenant: string; readonly plan: string }
  | { readonly screen: 'connections'; readonly tenant: string }
  | { readonly screen: 'home' };

/** What nobody knows leads home. */
export function routeIn(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#/, '').split('?', 2);
  const [tenant = '', screen, id, ...more] = path
    .split('/')
    .slice(1)
    .map((part) => decoded(part));
  if (tenant === '' || more.length > 0) return { screen: 'home' };
  if (screen === 'approvals') {
    return { screen, tenant, open: id !== undefined && /^\d{1,9}$/.test(id) ? Number(id) : null };
  }
  if (screen === 'audit') return { screen, tenant, asked: new URLSearchParams(query).get('q') ?? '' };
  if (screen === 'plans' && id !== undefined) return { screen: 'plan', tenant, plan: id };
  if (screen === 'connections') return { screen, tenant };
  return { screen: 'home' };
}

export function hashOf(route: Route): string {
  if (route.screen === 'home') return '#/';
  const tenant = encodeURIComponent(route.tenant);
  switch (route.screen) {
    case 'approvals':
      return `#/${tenant}/approvals${route.open === null ? '' : `/${String(route.open)}`}`;
    case 'audit':
      return `#/${tenant}/audit${route.asked === '' ? '' : `?${new URLSearchParams({ q: route.asked }).toString()}`}`;
    case 'plan':
      return `#/${tenant}/plans/${encodeURIComponent(route.plan)}`;
    case 'connections':
      return `#/${tenant}/connections`;
  }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return '';
  }
}
