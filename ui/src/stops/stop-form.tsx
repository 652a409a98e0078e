import { useState, type FormEvent, type ReactNode } from 'react';
import { ask, queryOf } from '../api/client.ts';
import type { Connection } from '../api/types.ts';
import { ChoiceField, TextField } from '../parts/field.tsx';
import { ProblemNotice } from '../parts/notice.tsx';
import { useAct } from '../parts/use-act.ts';
import { useAsked } from '../parts/use-asked.ts';
import {
  kindsFor,
  kindTitles,
  modeTitles,
  namesOf,
  stopBody,
  stopModes,
  stopPreview,
  type StopWish,
} from '../pure/stop.ts';

const labels = {
  connection: 'Connection',
  object: 'Object, as its system calls it',
  operation: 'Operation (deal.close, create, update, …)',
  agent: 'Agent',
  principal: 'User',
} as const;

/** Stops one thing; says what that will do before it is done. */
export function StopForm({
  tenant,
  onDone,
}: {
  readonly tenant: string | null;
  readonly onDone: () => void;
}): ReactNode {
  const [wish, setWish] = useState<StopWish>(() => emptyWish(tenant));
  const { busy, problem, run } = useAct();
  const known = useKnownNames(tenant, wish.connection);
  const set = (part: Partial<StopWish>): void => setWish((before) => ({ ...before, ...part }));
  const body = stopBody(wish);
  const preview = stopPreview(wish);
  const stop = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    if (body === null) return;
    if (!(await run(() => ask('POST', '/v1/switches', body)))) return;
    setWish(emptyWish(tenant));
    onDone();
  };
  return (
    <form onSubmit={(event) => void stop(event)} aria-label="Stop something">
      <div className="grid">
        <ChoiceField
          label="What is stopped"
          value={wish.kind}
          options={kindsFor(tenant).map((kind) => [kind, kindTitles[kind]] as const)}
          onChange={(kind) => set({ kind })}
        />
        {namesOf(wish.kind).map((name) => (
          <TextField
            key={name}
            label={labels[name]}
            value={wish[name]}
            known={known[name]}
            onChange={(value) => set({ [name]: value })}
            required
          />
        ))}
        <ChoiceField
          label="How"
          value={wish.mode}
          options={stopModes.map((mode) => [mode, modeTitles[mode]] as const)}
          onChange={(mode) => set({ mode })}
        />
        <TextField label="Why" value={wish.reason} onChange={(reason) => set({ reason })} required most={400} />
      </div>
      <div className="preview" role="status">
        {preview === null ? (
          <p className="soft">Name what is to be stopped, and it says here what will happen.</p>
        ) : (
          <>
            <strong>What will happen</strong>
            <ul>
              {preview.map((line) => (
                <li key={line}>{line}</li>
              ))}
            </ul>
            <p className="soft">Letting it go on takes two people.</p>
          </>
        )}
      </div>
      <ProblemNotice problem={problem} />
      <p className="buttons">
        <button type="submit" className="danger" disabled={busy || body === null}>
          Stop it now
        </button>
      </p>
    </form>
  );
}

const emptyWish = (tenant: string | null): StopWish => ({
  kind: tenant === null ? 'installation' : 'tenant',
  tenant,
  connection: '',
  object: '',
  operation: '',
  agent: '',
  principal: '',
  mode: 'stop_writes',
  reason: '',
});

/** Names that there are, to choose from. */
function useKnownNames(
  tenant: string | null,
  connection: string,
): Readonly<Record<keyof typeof labels, readonly string[]>> {
  const of = tenant === null ? null : queryOf({ tenant });
  const { answer } = useAsked<{ connections: readonly Connection[] }>(of === null ? null : `/v1/connections${of}`, 0);
  const agents = useAsked<{ agents: readonly { agent: string }[] }>(of === null ? null : '/v1/agents', 0).answer;
  const people = useAsked<{ principals: readonly { principal: string }[] }>(
    of === null ? null : `/v1/principals${of}`,
    0,
  ).answer;
  const connections = answer?.connections ?? [];
  return {
    connection: connections.map((each) => each.connection),
    object: connections.filter((each) => each.connection === connection).flatMap(objectsOf),
    operation: ['create', 'update', 'upsert', 'delete'],
    agent: agents?.agents.map(({ agent }) => agent) ?? [],
    principal: [...new Set(people?.principals.map(({ principal }) => principal) ?? [])],
  };
}

const objectsOf = ({ objects }: Connection): readonly string[] => objects.map(({ object }) => object);
