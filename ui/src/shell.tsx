import { useEffect, useMemo, useState, type ReactNode } from 'react';
import { ask } from './api/client.ts';
import { followNews, type News } from './api/follow-news.ts';
import type { Me } from './api/types.ts';
import { Inbox } from './approvals/inbox.tsx';
import { PlanView } from './audit/plan-view.tsx';
import { Search } from './audit/search.tsx';
import { ConnectionList } from './connections/list.tsx';
import { Help } from './parts/help.tsx';
import { ProblemNotice } from './parts/notice.tsx';
import { showTheme, themeNow } from './parts/theme.ts';
import { useAsked } from './parts/use-asked.ts';
import { useKeys } from './parts/use-keys.ts';
import { may } from './pure/may.ts';
import { hashOf, routeIn, type Route } from './pure/route.ts';

const LAST_TENANT = 'gantry-console-tenant';

/** What is around every screen: whose it is, where to go, who is signed in. */
export function Shell({ me, onSignedOut }: { readonly me: Me; readonly onSignedOut: () => void }): ReactNode {
  const { answer, problem } = useAsked<{ tenants: readonly { tenant: string }[] }>('/v1/tenants', 0);
  const tenants = answer?.tenants.map(({ tenant }) => tenant) ?? null;
  const given = useRoute();
  const route = given.screen === 'home' && tenants !== null ? startOf(tenants) : given;
  const tenant = route.screen === 'home' ? null : route.tenant;
  const [help, setHelp] = useState(false);
  const { versions, live } = useNews(tenant);
  useEffect(() => {
    if (tenant !== null) localStorage.setItem(LAST_TENANT, tenant);
  }, [tenant]);
  const keys = useMemo(() => {
    const go = (to: Route): void => void (location.hash = hashOf(to));
    const shared = { '?': () => setHelp(true) };
    if (tenant === null) return shared;
    const toAudit = (): void => {
      if (route.screen === 'audit') document.getElementById('question')?.focus();
      else go({ screen: 'audit', tenant, asked: '' });
    };
    return {
      ...shared,
      '/': toAudit,
      1: () => go({ screen: 'approvals', tenant, open: null }),
      2: toAudit,
      3: () => go({ screen: 'connections', tenant }),
    };
  }, [tenant, route.screen]);
  useKeys(keys);
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
      if (!may(me.role, 'readAudit'))
        return <p className="soft">The audit shows customers’ values; this needs the role operator.</p>;
      return <Search me={me} tenant={route.tenant} asked={route.asked} version={versions.audit_grew} />;
    case 'plan':
      return (
        <PlanView key={route.plan} me={me} tenant={route.tenant} plan={route.plan} version={versions.audit_grew} />
      );
    case 'connections':
      return <ConnectionList me={me} tenant={route.tenant} version={versions.connections_changed} />;
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
  const tenant = route.screen === 'home' ? null : route.tenant;
  const to = (screen: 'approvals' | 'audit' | 'connections', of: string): Route =>
    screen === 'approvals'
      ? { screen, tenant: of, open: null }
      : screen === 'audit'
        ? { screen, tenant: of, asked: '' }
        : { screen, tenant: of };
  const here = route.screen === 'plan' ? 'audit' : route.screen;
  const signOut = async (): Promise<void> => {
    await ask('DELETE', '/v1/console/session').catch(() => null);
    onSignedOut();
  };
  return (
    <header>
      <strong className="brand">Gantry</strong>
      <label className="tenant">
        <span className="unseen">Customer</span>
        <select
          value={tenant ?? ''}
          onChange={(event) => {
            location.hash = hashOf(to(here === 'home' ? 'approvals' : here, event.target.value));
          }}
        >
          {tenant === null || tenants.includes(tenant) ? null : <option>{tenant}</option>}
          {tenants.map((slug) => (
            <option key={slug}>{slug}</option>
          ))}
        </select>
      </label>
      <nav aria-label="Screens">
        {tenant === null
          ? null
          : (['approvals', 'audit', 'connections'] as const).map((screen) => (
              <a key={screen} href={hashOf(to(screen, tenant))} aria-current={screen === here ? 'page' : undefined}>
                {screen[0]?.toUpperCase()}
                {screen.slice(1)}
              </a>
            ))}
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

/** Counts up with each change of a kind: screens ask again when their number changes. */
function useNews(tenant: string | null): { readonly versions: Versions; readonly live: boolean } {
  const [versions, setVersions] = useState<Versions>({ approvals_changed: 0, audit_grew: 0, connections_changed: 0 });
  const [live, setLive] = useState(false);
  useEffect(() => {
    if (tenant === null) return;
    const ended = new AbortController();
    const onNews = (news: News): void => setVersions((before) => ({ ...before, [news]: before[news] + 1 }));
    void followNews(tenant, { onNews, onLive: setLive }, ended.signal);
    return () => ended.abort();
  }, [tenant]);
  return { versions, live };
}
