import { useState, type ReactNode } from 'react';
import { ask, problemOf } from '../api/client.ts';
import type { AuditEntry, AuditPage, Problem } from '../api/types.ts';
import { ProblemNotice } from '../parts/notice.tsx';
import { saveFile } from '../parts/save-file.ts';
import { csvText, jsonLines } from '../pure/export-lines.ts';

const PAGE = 500;
/** A browser holds all of it at once; the command line has no such bound. */
const ENTRIES_MAX = 50_000;

/** All entries of a question as a file, not only those on the screen. */
export function ExportButtons({ address, tenant }: { readonly address: string; readonly tenant: string }): ReactNode {
  const [progress, setProgress] = useState<string | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const take = async (kind: 'csv' | 'jsonl'): Promise<void> => {
    setProblem(null);
    try {
      const entries: AuditEntry[] = [];
      for (let before: number | null = null; ;) {
        const page: AuditPage = await ask(
          'GET',
          `${address}&limit=${String(PAGE)}${before === null ? '' : `&before=${String(before)}`}`,
        );
        entries.push(...page.entries);
        setProgress(`${String(entries.length)} entries…`);
        before = page.next;
        if (before === null || entries.length >= ENTRIES_MAX) break;
      }
      saveFile(`audit-${tenant}.${kind}`, kind === 'csv' ? csvText(entries) : jsonLines(entries));
      const all = entries.length < ENTRIES_MAX ? '' : '; for more use `gantry audit --csv --all`';
      setProgress(`${String(entries.length)} entries saved${all}.`);
    } catch (thrown) {
      setProgress(null);
      setProblem(problemOf(thrown));
    }
  };
  return (
    <div className="buttons">
      <button type="button" className="plain" onClick={() => void take('csv')}>
        Save as CSV
      </button>
      <button type="button" className="plain" onClick={() => void take('jsonl')}>
        Save as JSON lines
      </button>
      <span role="status">{progress}</span>
      <ProblemNotice problem={problem} />
    </div>
  );
}
