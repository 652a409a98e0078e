import { ControlError } from '../../kit/index.ts';
import { writtenRules } from '../access/written-rules.ts';
import type { Account } from '../account.ts';
import { present, presentToEndUser } from '../api/present.ts';
import { requestJson } from '../api/requests.ts';
import type { Body, Collection, Entry } from '../store/collection.ts';
import { userNamed } from './people.ts';

const OBJECTS = ['tickets', 'users', 'organizations', 'requests'] as const;
type Shown = (typeof OBJECTS)[number];

/** What a user is shown, record by record from the written rules. Fields are the same for all of the staff who may read the object. */
export function visible(account: Account, given: Readonly<Record<string, unknown>>): unknown {
  const user = userNamed(account, given['user']);
  const { object } = given;
  const wanted = OBJECTS.filter((each) => object === undefined || each === object);
  if (wanted.length === 0) throw new ControlError(`object must be one of ${OBJECTS.join(', ')}`);
  return {
    user: user['email'],
    objects: Object.fromEntries(wanted.map((each) => [each, shown(account, user, each)])),
  };
}

function shown(account: Account, user: Body, object: Shown): unknown {
  const works = user['active'] === true && user['suspended'] !== true;
  const readable = works && (user['role'] !== 'end-user' || object === 'requests' || object === 'users');
  if (!readable) return { readable, ids: [], fields: [] };
  const collection = account.records[object === 'requests' ? 'tickets' : object];
  const isShown = writtenRules(account, user, object);
  const found = live(collection).filter(({ body }) => isShown(body));
  return { readable, ids: found.map(({ id }) => String(id)), fields: fieldsOf(account, user, object) };
}

function live(collection: Collection): readonly Entry[] {
  const found: Entry[] = [];
  for (let place = 0; place < collection.placeCount(); place += 1) {
    const entry = collection.at(place);
    if (!entry.deleted) found.push(entry);
  }
  return found;
}

function fieldsOf(account: Account, user: Body, object: Shown): readonly string[] {
  const of = object === 'requests' ? 'tickets' : object;
  const entry = account.records[of].at(0);
  const json =
    object === 'requests'
      ? requestJson('', entry.body)
      : user['role'] === 'end-user'
        ? presentToEndUser(account, '', entry)
        : present(account, '', of, entry);
  return Object.keys(json).toSorted();
}
