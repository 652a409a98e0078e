import { StrictMode, useEffect, useState, type ReactNode } from 'react';
import { createRoot } from 'react-dom/client';
import { ask, problemOf, Refused, whenSignedOut } from './api/client.ts';
import type { Me, Problem } from './api/types.ts';
import { ProblemNotice } from './parts/notice.tsx';
import { showTheme, themeNow } from './parts/theme.ts';
import { Shell } from './shell.tsx';
import { SignIn, SignInAgain } from './sign-in.tsx';

/** Undefined: not known yet. */
function Console(): ReactNode {
  const [me, setMe] = useState<Me | null | undefined>();
  /** The session ended while somebody was at work: what they typed stays behind the question who they are. */
  const [isOver, setOver] = useState(false);
  const [session, setSession] = useState(0);
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => whenSignedOut(() => setOver(true)), []);
  useEffect(() => {
    ask<Me>('GET', '/v1/console/session').then(setMe, (thrown: unknown) => {
      if (thrown instanceof Refused && thrown.status === 401) setMe(null);
      else setProblem(problemOf(thrown));
    });
  }, []);
  const signedIn = (now: Me): void => {
    setMe(now);
    setOver(false);
    setSession((count) => count + 1);
  };
  if (problem !== null) return <ProblemNotice problem={problem} />;
  if (me === undefined) return null;
  if (me === null) return <SignIn onSignedIn={signedIn} />;
  return (
    <>
      {/* Another person begins anew: what the one before typed is not theirs. */}
      <Shell key={`${me.role} ${me.name}`} me={me} session={session} onSignedOut={() => setMe(null)} />
      {isOver ? <SignInAgain me={me} onSignedIn={signedIn} /> : null}
    </>
  );
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
