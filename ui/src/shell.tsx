import { useEffect, useMemo, useState, type ReactNode } from 'react';
import { ask } from './api/client.ts';
import { followNews, type News } from './api/follow-news.ts';
import type { Me } from './api/types.ts';
import { Inbox } from './approvals/inbox.tsx';
import { Aside } from './aside/aside.tsx';
import { Search } from './audit/search.tsx';
import { ChecklistScreen } from './checklist/checklist.tsx';
import { ConnectionList } from './connections/list.tsx';
import { Erasures } from './erasures/erasures.tsx';
import { Help } from './parts/help.tsx';
import { NeedsRole } from './parts/needs-role.tsx';
import { ProblemNotice } from './parts/notice.tsx';
import { showTheme, themeNow } from './parts/theme.ts';
import { useAsked } from './parts/use-asked.ts';
import { useKeys } from './parts/use-keys.ts';
import { PlanList } from './plans/plan-list.tsx';
import { PlanView } from './plans/plan-view.tsx';
import { may } from './pure/may.ts';
import { hashOf, routeIn, type Route } from './pure/route.ts';
import { beginOf, screenOf, screens, screensFor } from './pure/screens.ts';
import { Stops } from './stops/stops.tsx';

const LAST_TENANT = 'gantry-console-tenant';
/** As an option of the list of customers; no customer is called so. */
const ALL = '*';

/** What is around every screen: whose it is, where to go, who is signed in. */
export function Shell(props: {
  readonly me: Me;
  /** Counts sign-ins: what was asked in vain in between is asked again. */
  readonly session: number;
  readonly onSignedOut: () => void;
}): ReactNode {
  const { me, session, onSignedOut } = props;
  const { answer, problem } = useAsked<{ tenants: readonly { tenant: string }[] }>('/v1/tenants', session);
  const tenants = answer?.tenants.map(({ tenant }) => tenant) ?? null;
  const given = useRoute();
  const route = given.screen === 'home' && tenants !== null ? startOf(tenants) : given;
  /** Undefined: nowhere yet. */
  const tenant = route.screen === 'home' ? undefined : route.tenant;
  const [help, setHelp] = useState(false);
  const { versions, live } = useNews(tenant, session);
  useEffect(() => {
    if (typeof tenant === 'string') localStorage.setItem(LAST_TENANT, tenant);
  }, [tenant]);
  useKeys(useScreenKeys(tenant, route.screen, () => setHelp(true)));
  return (
    <>
      <a
        className="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          document.getElementById('main')?.focus();
        }}
      >
        Skip to the content
      </a>
      <Header
        me={me}
        route={route}
        tenants={tenants ?? []}
        live={live}
        onHelp={() => setHelp(true)}
        onSignedOut={onSignedOut}
      />
      <main id="main" tabIndex={-1}>
        <ProblemNotice problem={problem} />
        {tenants !== null && tenants.length === 0 ? <p>There is no customer yet: gantry tenant create NAME.</p> : null}
        <Screen me={me} route={route} versions={versions} />
      </main>
      {help ? <Help onClose={() => setHelp(false)} /> : null}
    </>
  );
}

function useScreenKeys(
  tenant: string | null | undefined,
  screen: Route['screen'],
  onHelp: () => void,
): Readonly<Record<string, () => void>> {
  const go = (to: Route | null): void => {
    if (to !== null) location.hash = hashOf(to);
  };
  if (tenant === undefined) return { '?': onHelp };
  const toAudit = (): void => {
    if (screen === 'audit') document.getElementById('question')?.focus();
    else go(beginOf('audit', tenant));
  };
  const numbered = screens.map((each, at) => [
    String(at + 1),
    each.screen === 'audit' ? toAudit : () => go(beginOf(each.screen, tenant)),
  ]);
  return { '?': onHelp, '/': toAudit, ...Object.fromEntries(numbered) };
}

type Versions = Readonly<Record<News, number>>;

function Screen({
  me,
  route,
  versions,
}: {
  readonly me: Me;
  readonly route: Route;
  readonly versions: Versions;
}): ReactNode {
  switch (route.screen) {
    case 'home':
      return null;
    case 'approvals':
      return <Inbox me={me} tenant={route.tenant} open={route.open} version={versions.approvals_changed} />;
    case 'audit':
      if (!may(me.role, 'readAudit')) return <NeedsRole what="readAudit" why="The audit shows customers’ values;" />;
      return <Search me={me} tenant={route.tenant} asked={route.asked} version={versions.audit_grew} />;
    case 'plans':
      if (!may(me.role, 'operate')) return <NeedsRole what="operate" why="Plans show customers’ values;" />;
      return <PlanList tenant={route.tenant} state={route.state} version={versions.audit_grew} />;
    case 'plan':
      return (
        <PlanView key={route.plan} me={me} tenant={route.tenant} plan={route.plan} version={versions.audit_grew} />
      );
    case 'connections':
      return <ConnectionList me={me} tenant={route.tenant} version={versions.connections_changed} />;
    case 'aside':
      return (
        <Aside me={me} tenant={route.tenant} writes={versions.audit_grew} reading={versions.connections_changed} />
      );
    case 'stops':
      return <Stops me={me} tenant={route.tenant} version={versions.connections_changed} />;
    case 'checklist':
      return <ChecklistScreen me={me} tenant={route.tenant} />;
    case 'erasures':
      return <Erasures me={me} tenant={route.tenant} open={route.open} />;
  }
}

function Header(props: {
  readonly me: Me;
  readonly route: Route;
  readonly tenants: readonly string[];
  readonly live: boolean;
  readonly onHelp: () => void;
  readonly onSignedOut: () => void;
}): ReactNode {
  const { me, route, tenants, live, onHelp, onSignedOut } = props;
  const tenant = route.screen === 'home' ? undefined : route.tenant;
  const here = screenOf(route);
  const signOut = async (): Promise<void> => {
    await ask('DELETE', '/v1/console/session').catch(() => null);
    onSignedOut();
  };
  return (
    <header>
      <strong className="brand">Gantry</strong>
      <TenantChoice route={route} tenants={tenants} />
      <nav aria-label="Screens">
        {tenant === undefined
          ? null
          : screensFor(me.role).map(({ screen, title, ofAll }) => {
              const to = beginOf(screen, tenant);
              return to === null || (tenant === null && !ofAll) ? null : (
                <a key={screen} href={hashOf(to)} aria-current={screen === here ? 'page' : undefined}>
                  {title}
                </a>
              );
            })}
      </nav>
      <span className={live ? 'live on' : 'live'} role="status">
        {live ? 'live' : 'connecting…'}
      </span>
      <span className="who">
        {me.name} <small>{me.role}</small>
      </span>
      <ThemeButton />
      <button type="button" className="plain" onClick={onHelp} aria-label="Help: keys">
        ?
      </button>
      <button type="button" className="plain" onClick={() => void signOut()}>
        Sign out
      </button>
    </header>
  );
}

/** The same screen of another customer, or of all; where it has nothing to say about all, the approvals of all. */
function TenantChoice({ route, tenants }: { readonly route: Route; readonly tenants: readonly string[] }): ReactNode {
  const tenant = route.screen === 'home' ? undefined : route.tenant;
  const go = (chosen: string): void => {
    const to = chosen === ALL ? null : chosen;
    const next = beginOf(screenOf(route) ?? 'approvals', to) ?? beginOf('approvals', to);
    if (next !== null) location.hash = hashOf(next);
  };
  return (
    <label className="tenant">
      <span className="unseen">Customer</span>
      <select value={tenant === undefined ? '' : (tenant ?? ALL)} onChange={(event) => go(event.target.value)}>
        {tenant === undefined ? <option value="">…</option> : null}
        <option value={ALL}>All customers</option>
        {typeof tenant === 'string' && !tenants.includes(tenant) ? <option>{tenant}</option> : null}
        {tenants.map((slug) => (
          <option key={slug}>{slug}</option>
        ))}
      </select>
    </label>
  );
}

function ThemeButton(): ReactNode {
  const [theme, setTheme] = useState(themeNow);
  useEffect(() => showTheme(theme, false), [theme]);
  const other = theme === 'dark' ? 'light' : 'dark';
  return (
    <button
      type="button"
      className="plain"
      onClick={() => {
        showTheme(other, true);
        setTheme(other);
      }}
    >
      {other === 'dark' ? 'Dark' : 'Light'}
    </button>
  );
}

function useRoute(): Route {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const onHash = (): void => setHash(location.hash);
    window.addEventListener('hashchange', onHash);
    return () => window.removeEventListener('hashchange', onHash);
  }, []);
  return useMemo(() => routeIn(hash), [hash]);
}

function startOf(tenants: readonly string[]): Route {
  const last = localStorage.getItem(LAST_TENANT);
  const tenant = tenants.find((slug) => slug === last) ?? tenants[0];
  return tenant === undefined ? { screen: 'home' } : { screen: 'approvals', tenant, open: null };
}

/** Counts up with each change of a kind: screens ask again when their number changes. Null: of all customers. */
function useNews(
  tenant: string | null | undefined,
  session: number,
): { readonly versions: Versions; readonly live: boolean } {
  const [versions, setVersions] = useState<Versions>({ approvals_changed: 0, audit_grew: 0, connections_changed: 0 });
  const [live, setLive] = useState(false);
  useEffect(() => {
    if (tenant === undefined) return;
    const ended = new AbortController();
    const onNews = (news: News): void => setVersions((before) => ({ ...before, [news]: before[news] + 1 }));
    void followNews(tenant, { onNews, onLive: setLive }, ended.signal);
    return () => ended.abort();
  }, [tenant, session]);
  return { versions, live };
}
