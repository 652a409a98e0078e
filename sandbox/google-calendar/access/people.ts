import type { SandboxUser } from '../../kit/index.ts';
import type { World, WorldUser } from '../../world/index.ts';

export interface Person {
  readonly email: string;
  readonly name: string;
  readonly team: WorldUser['team'];
  readonly active: boolean;
}

/** Everybody with an account of the company's domain, by their number. */
export interface People {
  count(): number;
  at(index: number): Person;
  add(person: Person): number;
  /** Changes nothing but whether somebody may sign in. */
  setActive(index: number, active: boolean): void;
  indexOf(email: string): number;
  /** As those who sign in, with their address. User 0 is the admin, whose list has everybody's calendar. */
  signIn(): readonly SandboxUser[];
}

export function createPeople(world: World): People {
  const people = Array.from({ length: world.counts.users }, (_empty, index): Person => {
    const { email, name, team, active } = world.user(index);
    return { email, name, team, active };
  });
  const signInUser = ({ email, name, active }: Person, index: number): SandboxUser => ({
    username: email,
    password: index === 0 ? 'admin-sandbox' : `sandbox-${index}`,
    // Google's account ids are numbers of 21 digits.
    id: `1${String(100_000_000 + Math.abs(world.seed)).slice(-9)}${String(index).padStart(11, '0')}`,
    name,
    role: index === 0 ? 'admin' : 'user',
    active,
  });
  const at = (index: number): Person => {
    const person = people[index];
    if (person === undefined) throw new Error(`no person ${index}`);
    return person;
  };
  return {
    count: () => people.length,
    at,
    add: (person) => people.push(person) - 1,
    setActive: (index, active) => {
      people[index] = { ...at(index), active };
    },
    indexOf: (email) => people.findIndex((person) => person.email === email),
    signIn: () => people.map(signInUser),
  };
}
