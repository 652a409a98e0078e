import type { RunningSandboxProcess } from '../../sandbox/client/index.ts';
import { shownOf, type Held } from './at-rest.ts';
import { sightsOf, type Person, type Sight, type Sights, type SourcePerson } from './system.ts';

/** What the provider showed each of some people, and when, by the clock of this machine. */
export interface SightLog {
  /** Makes a change and notes what is shown after it. */
  readonly during: (change: () => Promise<void>) => Promise<void>;
  /** What the person was shown of an object at any moment of the span. */
  readonly everShown: (person: Person, object: string, span: { readonly from: number; readonly to: number }) => Sight;
  /** What was shown at every moment of it. */
  readonly alwaysShown: (
    person: Person,
    object: string,
    span: { readonly from: number; readonly to: number },
  ) => ReadonlySet<string>;
  /** How many times it has been noted. */
  readonly versions: () => number;
  /** What people were shown when it had been noted so many times, and are not shown any more. */
  readonly lostSince: (versions: number) => readonly Lost[];
}

export interface Lost {
  readonly person: Person;
  readonly object: string;
  readonly ids: readonly string[];
  /** By their native names. */
  readonly fields: readonly string[];
}

interface Version {
  /** When the change that led to it began: from then on it may have been in force. */
  readonly from: number;
  /** When the change that ended it was over; infinite: it is in force. */
  to: number;
  readonly sights: ReadonlyMap<Person, { readonly sights: Sights; readonly person: Person }>;
}

export async function openSightLog(
  sandbox: RunningSandboxProcess,
  people: readonly Person[],
  objects: readonly string[],
  held: ReadonlyMap<string, Held>,
): Promise<SightLog> {
  const look = async (): Promise<Version['sights']> => {
    const { users } = await sandbox.control<{ users: SourcePerson[] }>('GET', 'health');
    return new Map(
      await Promise.all(
        people.map(async (person) => {
          const { active } = users.find(({ id }) => id === person.id) ?? person;
          return [person, { sights: await sightsOf(sandbox, person, objects), person: { ...person, active } }] as const;
        }),
      ),
    );
  };
  const versions: Version[] = [{ from: 0, to: Infinity, sights: await look() }];
  const within = ({ from, to }: { readonly from: number; readonly to: number }): Version[] =>
    versions.filter((version) => version.from <= to && version.to >= from);
  const sightIn = ({ sights }: Version, person: Person, object: string): Sight => {
    const found = sights.get(person);
    if (found === undefined) throw new Error(`${person.principal} is not watched`);
    return shownOf(found.sights, object, found.person, held);
  };
  return {
    during: async (change) => {
      const from = Date.now();
      await change();
      const over = Date.now();
      const sights = await look();
      for (const version of versions) if (version.to === Infinity) version.to = over;
      versions.push({ from, to: Infinity, sights });
    },
    everShown: (person, object, span) => {
      const sights = within(span).map((version) => sightIn(version, person, object));
      return {
        readable: sights.some(({ readable }) => readable),
        ids: new Set(sights.flatMap(({ ids }) => [...ids])),
        fields: new Set(sights.flatMap(({ fields }) => [...fields])),
      };
    },
    alwaysShown: (person, object, span) => {
      const [first, ...others] = within(span).map((version) => sightIn(version, person, object).ids);
      return new Set([...(first ?? [])].filter((id) => others.every((ids) => ids.has(id))));
    },
    versions: () => versions.length,
    lostSince: (count) => {
      const [before, now] = [versions[count - 1], versions.at(-1)];
      if (before === undefined || now === undefined) return [];
      return people.flatMap((person) =>
        objects.flatMap((object): Lost[] => {
          const [had, has] = [sightIn(before, person, object), sightIn(now, person, object)];
          const ids = [...had.ids].filter((id) => !has.ids.has(id));
          const fields = [...had.fields].filter((field) => !has.fields.has(field));
          return ids.length > 0 || fields.length > 0 ? [{ person, object, ids, fields }] : [];
        }),
      );
    },
  };
}
