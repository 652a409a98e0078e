import { useState, type FormEvent, type ReactNode } from 'react';
import { ask } from '../api/client.ts';
import type { Erasure, ErasureReport } from '../api/types.ts';
import { TextField } from '../parts/field.tsx';
import { ProblemNotice } from '../parts/notice.tsx';
import { useAct } from '../parts/use-act.ts';
import { emptyErase, eraseBody, lookedAt, placesText, type EraseWish, type Looked } from '../pure/erase.ts';

/** First it is looked what there is; then, with the customer's name typed once more, it is erased. */
export function EraseForm({
  tenant,
  onBegun,
}: {
  readonly tenant: string;
  readonly onBegun: (erasure: number) => void;
}): ReactNode {
  const [wish, setWish] = useState<EraseWish>(emptyErase);
  const [answered, setAnswered] = useState<Looked<ErasureReport> | null>(null);
  const [confirmed, setConfirmed] = useState('');
  const [wrong, setWrong] = useState<string | null>(null);
  const { busy, problem, run } = useAct();
  const path = `/v1/tenants/${encodeURIComponent(tenant)}/erasures`;
  const looked = lookedAt(answered, { path, wish });
  const report = looked?.report ?? null;
  const set = (part: Partial<EraseWish>): void => {
    setWish((before) => ({ ...before, ...part }));
    setConfirmed('');
  };
  const send = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const asked = eraseBody(wish);
    if (asked.kind === 'wrong') return setWrong(asked.why);
    setWrong(null);
    await run(async () => {
      if (looked === null) {
        const { body } = asked;
        setAnswered({ path, body, report: await ask<ErasureReport>('POST', path, { ...body, dry_run: true }) });
        return;
      }
      const { erasure } = await ask<Erasure>('POST', looked.path, looked.body);
      setWish(emptyErase);
      setAnswered(null);
      setConfirmed('');
      onBegun(erasure);
    });
  };
  return (
    <form onSubmit={(event) => void send(event)} aria-label="Erase a person">
      <Subject wish={wish} onChange={set} />
      {wrong === null ? null : (
        <p className="notice bad" role="alert">
          {wrong}
        </p>
      )}
      {report === null ? null : <Report report={report} />}
      {report === null ? null : (
        <TextField
          label={`This cannot be taken back. Type ${tenant} to erase`}
          value={confirmed}
          onChange={setConfirmed}
          most={100}
        />
      )}
      <ProblemNotice problem={problem} />
      <p className="buttons">
        {report === null ? (
          <button type="submit" disabled={busy}>
            Look what there is
          </button>
        ) : (
          <button type="submit" className="danger" disabled={busy || confirmed !== tenant}>
            Erase it
          </button>
        )}
      </p>
    </form>
  );
}

/** Whom it is about, and how far it goes. */
function Subject({
  wish,
  onChange: set,
}: {
  readonly wish: EraseWish;
  readonly onChange: (part: Partial<EraseWish>) => void;
}): ReactNode {
  return (
    <>
      <div className="grid">
        <TextField label="E-mail address" value={wish.email} onChange={(email) => set({ email })} most={400} />
        <TextField
          label="Users of the product"
          value={wish.users}
          onChange={(users) => set({ users })}
          rows={2}
          most={4_000}
          hint="One on a line."
        />
        <TextField
          label="Records"
          value={wish.records}
          onChange={(records) => set({ records })}
          rows={2}
          most={10_000}
          hint="connection/object/id, one on a line."
        />
        <TextField
          label="What else they are called in texts"
          value={wish.texts}
          onChange={(texts) => set({ texts })}
          rows={2}
          most={4_000}
          hint="A name, a telephone number; one on a line."
        />
        <TextField
          label="Note for the proof"
          value={wish.note}
          onChange={(note) => set({ note })}
          most={400}
          hint="Write a number, no name."
        />
      </div>
      <label className="check">
        <input type="checkbox" checked={wish.mentions} onChange={(event) => set({ mentions: event.target.checked })} />{' '}
        Also empty the fields of others’ records that name them
      </label>
    </>
  );
}

function Report({ report }: { readonly report: ErasureReport }): ReactNode {
  const { places, records, mentions, past_mentions: past, not_known_here: unknown } = report;
  return (
    <div className="preview" role="status">
      <strong>What there is</strong>
      <dl className="facts">
        <dt>Their records</dt>
        <dd>{placesText(records)}</dd>
        <dt>Records of others that name them</dt>
        <dd>{placesText(mentions)}</dd>
        <dt>Earlier versions of those</dt>
        <dd>{placesText(past)}</dd>
        <dt>Rows by place</dt>
        <dd>{placesText(places)}</dd>
      </dl>
      {unknown.length === 0 ? null : (
        <p className="bad">Not known here, look whether the id is right: {unknown.join(', ')}</p>
      )}
    </div>
  );
}
