import type { Json } from '../../src/kernel/index.ts';
import type { Tally } from '../suite.ts';
import { shownOf, type Held } from './at-rest.ts';
import type { Draw } from './draw.ts';
import { rowsIn } from './doors.ts';
import { makeQuestion, type Question } from './questions.ts';
import type { ParityStage } from './stage.ts';
import type { Person, Sights } from './system.ts';
import type { Shown, Table } from './tables.ts';

/** So many questions by chance of one person, each answered by hand over what the person is shown. */
export async function askAtRandom(
  stage: ParityStage,
  about: {
    readonly person: Person;
    readonly sights: Sights;
    readonly held: ReadonlyMap<string, Held>;
    readonly tables: ReadonlyMap<string, Table>;
    readonly questions: number;
    readonly draw: Draw;
  },
  tally: Tally,
): Promise<void> {
  const { person, sights, held, tables, draw } = about;
  const shown = (object: string): Shown => {
    const table = tables.get(object);
    if (table === undefined) throw new Error(`no table ${object}`);
    return { ...shownOf(sights, object, person, held), table };
  };
  for (let at = 0; at < about.questions; at += 1) {
    const question = makeQuestion({ system: stage.system, tables, draw });
    const reply = await stage.ask(person.username, question.tool, question.args);
    const isHidden = ([object, field]: readonly [string, string]): boolean => {
      const { readable, fields } = shown(object);
      return !readable || !(fields.has(field) || field === stage.system.idField);
    };
    const hidden = question.names.filter(isHidden);
    const label = (): string => `${person.username} ${JSON.stringify(question.args)}`;
    if (hidden.length > 0) {
      tally.check(
        reply.error !== null && reply.error !== 'internal',
        () => `${label()}: answers though ${hidden.join(' ')} is hidden`,
      );
      continue;
    }
    const wanted = question.expected(shown);
    const got = rowsIn(reply).map((row) => [...row].slice(0, wanted[0]?.length ?? row.length));
    tally.check(
      reply.error === null && same(question, got, wanted),
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
