import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { ask, problemOf, queryOf } from '../api/client.ts';
import type { AuditEntry, AuditPage, Me, Problem } from '../api/types.ts';
import { ProblemNotice } from '../parts/notice.tsx';
import { moveFocus, useKeys } from '../parts/use-keys.ts';
import { hashOf } from '../pure/route.ts';
import { dayText } from '../pure/time.ts';
import { understand } from '../pure/question.ts';
import { Entry } from './entry.tsx';
import { ExportButtons } from './export-buttons.tsx';

const examples = [
  'changes today',
  'what happened with account 4471 last tuesday',
  'changes over 500 since 7d',
  'stops',
];

/** What happened, asked in words; each entry in a sentence, by day. */
export function Search({
  me,
  tenant,
  asked,
  version,
}: {
  readonly me: Me;
  readonly tenant: string;
  readonly asked: string;
  readonly version: number;
}): ReactNode {
  const { question, phrases } = useMemo(() => understand(asked, new Date()), [asked]);
  const address = `/v1/audit${queryOf({ tenant, ...question })}`;
  const { entries, next, problem, more } = usePages(address, version);
  const keys = useMemo(
    () => ({ j: () => moveFocus('.entries summary', 1), k: () => moveFocus('.entries summary', -1) }),
    [],
  );
  useKeys(keys);
  return (
    <section className="audit" aria-label="Audit">
      <h1>Audit</h1>
      <SearchForm key={asked} tenant={tenant} asked={asked} />
      <p className="soft" role="status">
        {phrases.length === 0 ? 'Everything that happened, the newest first.' : `Shown: ${phrases.join(' · ')}`}
      </p>
      <ProblemNotice problem={problem} />
      <ExportButtons address={address} tenant={tenant} />
      {entries !== null && entries.length === 0 ? <p>Nothing of that kind happened.</p> : null}
      <div className="entries">
        {byDay(entries ?? []).map(({ day, own }) => (
          <section key={day}>
            <h2>{day}</h2>
            <ol>
              {own.map((entry) => (
                <li key={entry.seq}>
                  <Entry me={me} tenant={tenant} entry={entry} />
                </li>
              ))}
            </ol>
          </section>
        ))}
      </div>
      {next === null ? null : (
        <button type="button" className="plain" onClick={more}>
          Older ones
        </button>
      )}
    </section>
  );
}

function SearchForm({ tenant, asked }: { readonly tenant: string; readonly asked: string }): ReactNode {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (asked === '') field.current?.focus();
  }, [asked]);
  const go = (text: string): void => void (location.hash = hashOf({ screen: 'audit', tenant, asked: text }));
  return (
    <form
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        go(field.current?.value.trim() ?? '');
      }}
    >
      <label htmlFor="question">What do you want to know?</label>
      <div className="field">
        <input id="question" ref={field} type="search" defaultValue={asked} maxLength={400} autoComplete="off" />
        <button type="submit">Search</button>
      </div>
      <p className="examples">
        {examples.map((example) => (
          <button key={example} type="button" className="plain" onClick={() => go(example)}>
            {example}
          </button>
        ))}
      </p>
    </form>
  );
}

/** Entries page by page; what is new is asked for when `version` changes, as long as no older page was. */
function usePages(address: string, version: number) {
  const [held, hold] = useState<{
    address: string;
    entries: readonly AuditEntry[];
    next: number | null;
    pages: number;
  } | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const own = held?.address === address ? held : null;
  const pages = own?.pages ?? 1;
  useEffect(() => {
    if (pages > 1) return;
    let isOver = false;
    const load = async (): Promise<void> => {
      try {
        const { entries, next } = await ask<AuditPage>('GET', address);
        if (isOver) return;
        hold({ address, entries, next, pages: 1 });
        setProblem(null);
      } catch (thrown) {
        if (!isOver) setProblem(problemOf(thrown));
      }
    };
    void load();
    return () => {
      isOver = true;
    };
  }, [address, version, pages]);
  const more = async (): Promise<void> => {
    if (own === null || own.next === null) return;
    try {
      const page = await ask<AuditPage>('GET', `${address}&before=${String(own.next)}`);
      hold({ address, entries: [...own.entries, ...page.entries], next: page.next, pages: own.pages + 1 });
    } catch (thrown) {
      setProblem(problemOf(thrown));
    }
  };
  return { entries: own?.entries ?? null, next: own?.next ?? null, problem, more: () => void more() };
}

function byDay(entries: readonly AuditEntry[]): { readonly day: string; readonly own: AuditEntry[] }[] {
  const days: { readonly day: string; readonly own: AuditEntry[] }[] = [];
  for (const entry of entries) {
    const day = dayText(new Date(entry.at));
    const last = days.at(-1);
    if (last?.day === day) last.own.push(entry);
    else days.push({ day, own: [entry] });
  }
  return days;
}
