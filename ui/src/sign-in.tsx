import { useState, type FormEvent, type ReactNode } from 'react';
import { ask, problemOf } from './api/client.ts';
import type { Me, Problem } from './api/types.ts';
import { ProblemNotice } from './parts/notice.tsx';

export function SignIn({ onSignedIn }: { readonly onSignedIn: (me: Me) => void }): ReactNode {
  const [problem, setProblem] = useState<Problem | null>(null);
  const signIn = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const key = new FormData(event.currentTarget).get('key');
    try {
      onSignedIn(await ask<Me>('POST', '/v1/console/session', { key }));
    } catch (thrown) {
      setProblem(problemOf(thrown));
    }
  };
  return (
    <main className="sign-in">
      <h1>Gantry</h1>
      <p>Sign in with your own operator’s key (it begins with gto_), or with a token of your identity provider.</p>
      <ProblemNotice problem={problem} />
      <form onSubmit={(event) => void signIn(event)}>
        <label htmlFor="key">Your key</label>
        <input id="key" name="key" type="password" autoComplete="current-password" required autoFocus />
        <button type="submit">Sign in</button>
      </form>
    </main>
  );
}
