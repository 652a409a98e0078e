import type { Json } from '../../src/kernel/index.ts';
import type { Tally } from '../suite.ts';
import type { Draw } from './draw.ts';
import { rowsIn, type Ask } from './doors.ts';
import type { Kind, Question } from './questions.ts';
import type { Shown, Table } from './tables.ts';

/** So many questions by chance of one person, each answered by hand over what the person is shown. */
export async function askAtRandom(
  about: {
    readonly ask: Ask;
    readonly principal: string;
    readonly kinds: readonly Kind[];
    readonly tables: ReadonlyMap<string, Table>;
    /** What the person is shown of one of the tables. */
    readonly shown: (object: string) => Shown;
    /** A field that is never hidden. */
    readonly idField: string | null;
    readonly questions: number;
    readonly draw: Draw;
  },
  tally: Tally,
): Promise<void> {
  const { ask, principal, kinds, tables, shown, idField, draw } = about;
  const isHidden = ([object, field]: readonly [string, string]): boolean => {
    const { readable, fields } = shown(object);
    return !readable || !(fields.has(field) || field === idField);
  };
  for (let at = 0; at < about.questions; at += 1) {
    const question = draw.pick(kinds)({ tables, draw });
    const reply = await ask(principal, question.tool, question.args);
    const hidden = question.names.filter(isHidden);
    const label = (): string => `${principal} ${JSON.stringify(question.args)}`;
    if (hidden.length > 0) {
      tally.check(
        reply.error !== null && reply.error !== 'internal',
        () => `${label()}: answers though ${hidden.join(' ')} is hidden`,
      );
      continue;
    }
    const wanted = question.expected(shown);
    const { read = (row) => row } = question;
    const got = rowsIn(reply).map((row) => read(row).slice(0, wanted?.[0]?.length ?? row.length));
    tally.check(
      reply.error === null && (wanted === null || same(question, got, wanted)),
      () =>
        `${label()}: ${reply.error ?? JSON.stringify(got).slice(0, 300)}, not ${JSON.stringify(wanted).slice(0, 300)}`,
    );
  }
}

function same({ ordered }: Question, got: readonly (readonly Json[])[], wanted: readonly (readonly Json[])[]): boolean {
  const texts = (rows: readonly (readonly Json[])[]): string[] => rows.map((row) => JSON.stringify(row.map(rounded)));
  const [left, right] = [texts(got), texts(wanted)];
  const order = (list: string[]): string[] => (ordered ? list : list.toSorted());
  return JSON.stringify(order(left)) === JSON.stringify(order(right));
}

const rounded = (value: Json): Json => (typeof value === 'number' ? Math.round(value * 1e6) / 1e6 : value);
