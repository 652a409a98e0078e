import type { ReactNode } from 'react';
import type { Erasure } from '../api/types.ts';
import { saveFile } from '../parts/save-file.ts';
import { erasureSteps, erasureText, placesText, stepsDone } from '../pure/erase.ts';

/** How far an erasure is, and its proof. */
export function ErasureView({ tenant, erasure }: { readonly tenant: string; readonly erasure: Erasure }): ReactNode {
  const { state, proof, proof_sha256: hash, found, removed } = erasure;
  const done = stepsDone(state);
  const isComplete = proof?.['complete'] === true;
  return (
    <article className="card" aria-label={`Erasure ${String(erasure.erasure)}`}>
      <h2>
        Erasure {erasure.erasure} <span className={`state ${isComplete ? 'ok' : ''}`}>{state}</span>
      </h2>
      <progress value={done} max={erasureSteps.length} aria-label="How far it is" />{' '}
      <span role="status">{erasureText(state)}</span>
      <dl className="facts">
        <dt>Asked by</dt>
        <dd>
          {erasure.asked_by}, {new Date(erasure.asked_at).toLocaleString('en-GB')}
        </dd>
        <dt>Found</dt>
        <dd>{placesText(found ?? {})}</dd>
        <dt>Removed</dt>
        <dd>{placesText(removed ?? {})}</dd>
      </dl>
      {proof === null ? null : (
        <>
          <p className={isComplete ? 'notice' : 'notice bad'}>
            {isComplete
              ? 'Complete: nothing is left of what was asked for.'
              : 'Not complete: the proof says what is left.'}
          </p>
          <details>
            <summary>The proof</summary>
            <pre>{JSON.stringify(proof, null, 2)}</pre>
            <p className="soft">SHA-256 {hash}</p>
          </details>
          <p className="buttons">
            <button
              type="button"
              className="plain"
              onClick={() =>
                saveFile(
                  `erasure-${tenant}-${String(erasure.erasure)}.json`,
                  `${JSON.stringify({ proof, proof_sha256: hash }, null, 2)}\n`,
                )
              }
            >
              Save the proof
            </button>
          </p>
          <p className="soft">Keep it outside: it goes with the customer.</p>
        </>
      )}
    </article>
  );
}
