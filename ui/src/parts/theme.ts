export type Theme = 'light' | 'dark';

const KEPT = 'gantry-console-theme';

/** What was chosen here before, else what the system prefers. */
export function themeNow(): Theme {
  const kept = localStorage.getItem(KEPT);
  if (kept === 'light' || kept === 'dark') return kept;
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
}

export function showTheme(theme: Theme, keep: boolean): void {
  document.documentElement.dataset['theme'] = theme;
  if (keep) localStorage.setItem(KEPT, theme);
}
