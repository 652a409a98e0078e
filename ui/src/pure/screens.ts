import { may, type Deed, type Role } from './may.ts';
import type { Route } from './route.ts';

/** A screen that the bar leads to. */
export type Screen = Exclude<Route['screen'], 'home' | 'plan'>;

interface ScreenEntry {
  readonly screen: Screen;
  readonly title: string;
  /** What somebody has to be allowed for it to be of use; null: everybody. */
  readonly needs: Deed | null;
  /** It can be about all customers at once. */
  readonly ofAll: boolean;
}

/** In the order of the bar; the first has the key `1`. */
export const screens: readonly ScreenEntry[] = [
  { screen: 'approvals', title: 'Approvals', needs: null, ofAll: true },
  { screen: 'audit', title: 'Audit', needs: 'readAudit', ofAll: false },
  { screen: 'connections', title: 'Connections', needs: null, ofAll: false },
  { screen: 'plans', title: 'Plans', needs: 'operate', ofAll: false },
  { screen: 'aside', title: 'Set aside', needs: 'operate', ofAll: false },
  { screen: 'stops', title: 'Stops', needs: null, ofAll: true },
  { screen: 'checklist', title: 'Checklist', needs: 'operate', ofAll: true },
  { screen: 'erasures', title: 'Erasure', needs: 'erase', ofAll: false },
];

export const screensFor = (role: Role): readonly ScreenEntry[] =>
  screens.filter(({ needs }) => needs === null || may(role, needs));

/** The screen's beginning, of one customer or of all (`tenant` null); null: it has nothing to say about all. */
export function beginOf(screen: Screen, tenant: string | null): Route | null {
  switch (screen) {
    case 'approvals':
      return { screen, tenant, open: null };
    case 'stops':
    case 'checklist':
      return { screen, tenant };
    default:
  }
  if (tenant === null) return null;
  switch (screen) {
    case 'audit':
      return { screen, tenant, asked: '' };
    case 'plans':
      return { screen, tenant, state: null };
    case 'erasures':
      return { screen, tenant, open: null };
    case 'connections':
    case 'aside':
      return { screen, tenant };
  }
}

/** Which of the bar's screens somebody is on. */
export const screenOf = ({ screen }: Route): Screen | null =>
  screen === 'home' ? null : screen === 'plan' ? 'plans' : screen;
