import { StrictMode, useEffect, useState, type ReactNode } from 'react';
import { createRoot } from 'react-dom/client';
import { ask, problemOf, Refused, whenSignedOut } from './api/client.ts';
import type { Me, Problem } from './api/types.ts';
import { ProblemNotice } from './parts/notice.tsx';
import { showTheme, themeNow } from './parts/theme.ts';
import { Shell } from './shell.tsx';
import { SignIn } from './sign-in.tsx';

/** Undefined: not known yet. */
function Console(): ReactNode {
  const [me, setMe] = useState<Me | null | undefined>();
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => whenSignedOut(() => setMe(null)), []);
  useEffect(() => {
    ask<Me>('GET', '/v1/console/session').then(setMe, (thrown: unknown) => {
      if (thrown instanceof Refused && thrown.status === 401) setMe(null);
      else setProblem(problemOf(thrown));
    });
  }, []);
  if (problem !== null) return <ProblemNotice problem={problem} />;
  if (me === undefined) return null;
  if (me === null) return <SignIn onSignedIn={setMe} />;
  return <Shell me={me} onSignedOut={() => setMe(null)} />;
}

showTheme(themeNow(), false);
const root = document.getElementById('root');
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <Console />
    </StrictMode>,
  );
}
