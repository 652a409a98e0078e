import type { RunningSandboxProcess } from '../../sandbox/client/index.ts';
import { shownOf, type Held } from './at-rest.ts';
import { sightsOf, type Person, type Sight, type Sights } from './system.ts';

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
    const { users } = await sandbox.control<{ users: Person[] }>('GET', 'health');
    const now = new Map<Person, { sights: Sights; person: Person }>();
    for (const person of people) {
      const { active } = users.find(({ id }) => id === person.id) ?? person;
      now.set(person, { sights: await sightsOf(sandbox, person, objects), person: { ...person, active } });
    }
    return now;
  };
  const versions: Version[] = [{ from: 0, to: Infinity, sights: await look() }];
  const within = ({ from, to }: { readonly from: number; readonly to: number }): Version[] =>
    versions.filter((version) => version.from <= to && version.to >= from);
  const sightIn = ({ sights }: Version, person: Person, object: string): Sight => {
    const found = sights.get(person);
    if (found === undefined) throw new Error(`${person.username} is not watched`);
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
  };
}
