import { useEffect, useRef, type FormEvent, type ReactNode } from 'react';
import { ask } from './api/client.ts';
import type { Me } from './api/types.ts';
import { ProblemNotice } from './parts/notice.tsx';
import { useAct } from './parts/use-act.ts';

type Props = { readonly onSignedIn: (me: Me) => void };

export function SignIn({ onSignedIn }: Props): ReactNode {
  return (
    <main className="sign-in">
      <h1>Gantry</h1>
      <p>Sign in with your own operator’s key (it begins with gto_), or with a token of your identity provider.</p>
      <KeyForm onSignedIn={onSignedIn} />
    </main>
  );
}

/** Over the page, which stays as it is behind it. */
export function SignInAgain({ me, onSignedIn }: Props & { readonly me: Me }): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      ref={dialog}
      className="sign-in"
      aria-labelledby="again-title"
      onCancel={(event) => event.preventDefault()}
      // A browser closes it at the second Escape whatever the page says.
      onClose={() => dialog.current?.showModal()}
    >
      <h2 id="again-title">Your session is over</h2>
      <p>
        Sign in again, and go on where you were: what you typed is still there. Somebody else than {me.name} begins
        anew.
      </p>
      <KeyForm onSignedIn={onSignedIn} />
    </dialog>
  );
}

function KeyForm({ onSignedIn }: Props): ReactNode {
  const { busy, problem, run } = useAct();
  const signIn = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const key = new FormData(event.currentTarget).get('key');
    void run(async () => onSignedIn(await ask<Me>('POST', '/v1/console/session', { key })));
  };
  return (
    <>
      <ProblemNotice problem={problem} />
      <form onSubmit={signIn}>
        <label htmlFor="key">Your key</label>
        <input id="key" name="key" type="password" autoComplete="current-password" required autoFocus />
        <button type="submit" disabled={busy}>
          Sign in
        </button>
      </form>
    </>
  );
}
