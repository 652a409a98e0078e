import { hash32, hashText, type SandboxUser } from '../../kit/index.ts';
import { parseSalesforceId, type World } from '../../world/index.ts';
import { FAMILY_NAMES, GIVEN_NAMES } from '../../world/words/people.ts';
import { slug } from '../../world/words/slug.ts';
import { userId } from '../rows/identity.ts';
import type { BaseSource } from '../rows/source.ts';
import type { Value } from '../schema/field.ts';

/** Users beyond those of the world, and who then owns the world's records. */
export interface People {
  /** Adds users until there are so many. */
  hire(count: number): void;
  /** Hands the world's records out: number of the owner for the account (or number of the record) that they belong to. */
  handOut(owner: (draw: (salt: number) => number) => string): void;
  /** The world's users and those hired. */
  users(source: BaseSource): BaseSource;
  /** An object's records with the owners that they have now. */
  owned(object: string, source: BaseSource): BaseSource;
}

export function createPeople(world: World, users: SandboxUser[]): People {
  let owner: ((draw: (salt: number) => number) => string) | null = null;
  const names = (at: number): { readonly given: string; readonly family: string } => {
    const [given, family] = [GIVEN_NAMES.de, FAMILY_NAMES.de];
    return {
      given: given[hash32(world.seed, at, 1) % given.length] ?? 'Alex',
      family: family[at % family.length] ?? 'Muster',
    };
  };
  return {
    hire: (count) => {
      for (let at = users.length; at < count; at += 1) {
        const { given, family } = names(at);
        const { domain } = world.company;
        const username = `user${at}@${domain}`;
        const name = `${given} ${family}`;
        users.push({ username, password: `sandbox-${at}`, id: userId(at), name, role: 'user', active: true });
      }
    },
    handOut: (next) => {
      owner = next;
    },
    users: (source) => ({
      children: (storage, parentId) => source.children(storage, parentId),
      get count() {
        return users.length;
      },
      createdMs: (row) => source.createdMs(Math.min(row, source.count - 1)),
      modifiedMs: (row) => source.modifiedMs(Math.min(row, source.count - 1)),
      value: (row, storage) => (row < source.count ? source.value(row, storage) : hired(world, users, row, storage)),
    }),
    owned: (object, source) => ({
      get count() {
        return source.count;
      },
      createdMs: (row) => source.createdMs(row),
      modifiedMs: (row) => source.modifiedMs(row),
      children: (storage, parentId) => source.children(storage, parentId),
      value: (row, storage) => {
        if (storage !== 'OwnerId' || owner === null) return source.value(row, storage);
        return owner(drawFor(world, object, source, row));
      },
    }),
  };
}

/** Records of one account mostly draw the same owner. */
function drawFor(world: World, object: string, source: BaseSource, row: number): (salt: number) => number {
  const link = ['AccountId', 'Konto__c', 'WhatId'].map((storage) => source.value(row, storage));
  const account = link.find((value) => typeof value === 'string' && value.startsWith('001'));
  const at =
    object === 'Account' ? row : typeof account === 'string' ? (parseSalesforceId(account)?.index ?? row) : row;
  const own = hash32(world.seed, hashText(object), row) % 100 < 35 && object !== 'Account';
  return (salt) => (own ? hash32(world.seed, hashText(object), row, salt) : hash32(world.seed, at, salt));
}

function hired(world: World, users: readonly SandboxUser[], row: number, storage: string): Value | undefined {
  const user = users[row];
  if (user === undefined) return undefined;
  const [given = '', ...rest] = user.name.split(' ');
  const family = rest.join(' ');
  const values: Readonly<Record<string, Value>> = {
    Username: user.username,
    FirstName: given,
    LastName: family,
    Email: `${slug(given)}.${slug(family)}.${row}@${world.company.domain}`,
    Alias: family.slice(0, 4).toLowerCase() + row,
    IsActive: user.active,
    UserType: 'Standard',
    TimeZoneSidKey: 'Europe/Berlin',
    LocaleSidKey: 'de_DE',
    LanguageLocaleKey: 'de',
  };
  return values[storage];
}
