import { GantryError, limits, suggest, type StreamId, type TenantId } from '../../kernel/index.ts';
import type { NativeObject } from '../../schema/index.ts';
import {
  buriedStreams,
  currentSchemas,
  findTexts,
  namedStreams,
  principalsOfEmail,
  type Db,
  type FindPlace,
  type FoundDocument,
  type NamedStream,
} from '../../store/index.ts';
import { textsOf, type Dossier, type FoundMention, type FoundRecord, type Selectors } from './selectors.ts';
import { asInJson, whoseRecord } from './whose-record.ts';

export interface FindDeps {
  readonly db: Db;
  readonly tenant: TenantId;
  /** Called between portions: somebody is still at it. */
  readonly beat: () => Promise<void>;
}

export interface Found extends Dossier {
  /** Those of deleted connections included. */
  readonly streams: readonly NamedStream[];
}

/**
 * Looks through every record and every earlier version, in portions, for what
 * is the person's own and what only names them. `known`: what was found before
 * stays theirs, though it cannot be found by its content any more. Raises
 * `erasure_too_large`, `not_found`.
 */
export async function findSubject(deps: FindDeps, selectors: Selectors, known: Dossier | null): Promise<Found> {
  const { db, tenant } = deps;
  const { streams, buried, schemas, linked } = await db.tenantRead(tenant, async (tx) => ({
    streams: await namedStreams(tx, tenant),
    buried: await buriedStreams(tx, tenant),
    schemas: await currentSchemas(tx, tenant),
    linked: selectors.email === null ? [] : await principalsOfEmail(tx, tenant, selectors.email),
  }));
  const objects = new Map(schemas.map(({ stream, object }) => [stream, object]));
  const own = new Map<string, FoundRecord>();
  const mentions: FoundMention[] = [];
  for (const record of known?.own ?? []) own.set(keyOf(record), record);
  for (const name of selectors.records) {
    for (const stream of streamsOf([...streams, ...buried], name))
      own.set(keyOf({ stream, id: name.id }), { stream, id: name.id });
  }
  const texts = textsOf(selectors);
  if (texts.length > 0) {
    for (const { stream } of streams) {
      await findIn(deps, { stream, object: objects.get(stream) ?? null, selectors, texts }, { own, mentions });
    }
  }
  return {
    streams: [...streams, ...buried],
    selectors,
    // A user who is called by the address has it as a name, linked or not.
    principals: [
      ...new Set([
        ...(known?.principals ?? []),
        ...selectors.users,
        ...linked,
        ...(selectors.email === null ? [] : [selectors.email]),
      ]),
    ],
    own: [...own.values()],
    mentions: mentions.filter((mention) => !own.has(keyOf(mention))),
  };
}

const keyOf = ({ stream, id }: FoundRecord): string => `${String(stream)} ${id}`;

interface Where {
  readonly stream: StreamId;
  readonly object: NativeObject | null;
  readonly selectors: Selectors;
  readonly texts: readonly string[];
}

async function findIn(
  { db, tenant, beat }: FindDeps,
  { stream, object, selectors, texts }: Where,
  { own, mentions }: { readonly own: Map<string, FoundRecord>; readonly mentions: FoundMention[] },
): Promise<void> {
  const sort = ({ id, ver, doc }: FoundDocument): void => {
    const whose = whoseRecord({ id, doc }, object, { email: selectors.email, texts });
    // Whose an earlier version was does not say whose the record is: addresses pass from one to another.
    if (whose.kind === 'own' && ver === null) own.set(keyOf({ stream, id }), { stream, id });
    else if (whose.kind === 'own') mentions.push({ stream, id, ver, fields: namingFields(doc, texts) });
    else if (whose.kind === 'mention') mentions.push({ stream, id, ver, fields: whose.fields });
    if (own.size > limits.erasureRecordsMax) throw tooLarge('are of this person', limits.erasureRecordsMax);
    if (mentions.length > limits.erasureMentionsMax) throw tooLarge('name this person', limits.erasureMentionsMax);
  };
  const spelled = texts.map(asInJson);
  for (const past of [false, true]) {
    let from: FindPlace | null = { id: '', ver: 0 };
    while (from !== null) {
      const place: FindPlace = from;
      const part = await db.tenantRead(tenant, (tx) =>
        findTexts(tx, { tenant, stream }, { texts: spelled, past, from: place, limit: limits.erasureScanMax }),
      );
      part.found.forEach(sort);
      from = part.next;
      await beat();
    }
  }
}

function namingFields(doc: FoundDocument['doc'], texts: readonly string[]): readonly string[] {
  const whose = whoseRecord({ id: '', doc }, null, { email: null, texts });
  return whose.kind === 'mention' ? whose.fields : [];
}

/** Of every connection that has or had the name. Raises `not_found` with names that are close. */
function streamsOf(
  streams: readonly NamedStream[],
  { connection, object }: { readonly connection: string; readonly object: string },
): readonly StreamId[] {
  const found = streams.filter((each) => each.slug === connection && each.object === object);
  if (found.length > 0) return found.map(({ stream }) => stream);
  const names = [...new Set(streams.map((each) => `${each.slug}/${each.object}`))];
  throw new GantryError('not_found', {
    message: `There is no object "${object.slice(0, 80)}" in a connection "${connection.slice(0, 80)}".`,
    where: 'records',
    suggestions: suggest(`${connection}/${object}`, names),
  });
}

const tooLarge = (what: string, most: number): GantryError =>
  new GantryError('erasure_too_large', { message: `More than ${most.toLocaleString('en')} records ${what}.` });
