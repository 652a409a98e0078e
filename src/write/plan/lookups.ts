import type { Caller, VisibleObject } from '../../access/index.ts';
import type { Json } from '../../kernel/index.ts';
import type { CatalogueObject, FieldInverse, TenantStream } from '../../mapping/index.ts';
import type { NativeField } from '../../schema/index.ts';
import type { Asker, PlanPorts } from './ports.ts';

/** Records of `object` by field `by`; `take`: the field whose value is wanted of them, null: none is. */
export interface Finder {
  readonly object: string;
  readonly by: string;
  readonly take: string | null;
}

export interface Wish {
  readonly finder: Finder;
  readonly value: Json;
}

/** What was found under a value: nothing, one record, or several that do not agree. */
export type Found =
  { readonly kind: 'none' } | { readonly kind: 'one'; readonly taken: Json } | { readonly kind: 'several' };

export type FindFound = (finder: Finder, value: Json) => Found;

/** One look-up per finder, as the caller: a record that it may not see is none. */
export async function findAll(ports: PlanPorts, asker: Asker, wishes: readonly Wish[]): Promise<FindFound> {
  const caller = seeingEnough(asker);
  const byFinder = new Map<string, { readonly finder: Finder; readonly texts: Set<string> }>();
  for (const { finder, value } of wishes) {
    const key = JSON.stringify(finder);
    const entry = byFinder.get(key) ?? { finder, texts: new Set<string>() };
    entry.texts.add(textOf(value));
    byFinder.set(key, entry);
  }
  const found = new Map<string, Found>();
  for (const [key, { finder, texts }] of byFinder) {
    const { object, by, take } = finder;
    if (caller.objects.get(object)?.fields.has(by) !== true) continue;
    const rows = await ports.locate(caller, {
      object,
      by: { kind: 'field', field: by },
      wanted: [...texts],
      fields: take === null ? [] : [take],
    });
    for (const { asked, values } of rows) {
      const name = `${key} ${asked}`;
      const taken = take === null ? null : (values[take] ?? null);
      const before = found.get(name);
      const agrees = before === undefined || (before.kind === 'one' && before.taken === taken);
      found.set(name, agrees ? { kind: 'one', taken } : { kind: 'several' });
    }
  }
  return (finder, value) => found.get(`${JSON.stringify(finder)} ${textOf(value)}`) ?? { kind: 'none' };
}

const textOf = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));

/**
 * What an agent may set a field to does not depend on whether its grant names
 * the object behind it; what a user may not see does not exist for who acts in
 * that user's name.
 */
function seeingEnough({ caller, scope }: Asker): Caller {
  if (caller.principal !== null) return caller;
  const others = [...scope.objects.values()]
    .filter(({ name }) => !caller.objects.has(name))
    .map((object): [string, VisibleObject] => [object.name, { ...object, rowFilter: null }]);
  return { ...caller, objects: new Map([...caller.objects, ...others]) };
}

/** Where the record stands that a look-up of the mapping leads to; null: it is not replicated here. */
export function finderOf(
  { scope, streams }: Asker,
  inverse: Extract<FieldInverse, { readonly kind: 'lookup' }>,
  about: {
    readonly stream: TenantStream;
    readonly reference: { readonly to: string; readonly on: string } | null;
  },
): Finder | null {
  const { step } = inverse;
  if (step.kind === 'match') {
    const { reference } = about;
    return reference === null ? null : { object: reference.to, by: reference.on, take: step.by };
  }
  const sibling = streams.find(
    ({ connection, object }) => connection === about.stream.connection && object.name === step.object,
  );
  const object = sibling === undefined ? null : nativeOf(scope.objects, sibling);
  if (object === null) return null;
  const [by, take] = [named(object, step.take), named(object, step.key)];
  return by === null || take === null ? null : { object: object.name, by, take };
}

/** Of a native reference: the objects that it may lead to; none where one of them is not replicated here. */
export function nativeFinders(
  { scope, streams }: Asker,
  stream: TenantStream,
  { references, type }: Pick<NativeField, 'references' | 'type'>,
): readonly Finder[] {
  if (type !== 'reference' || references === undefined) return [];
  const finders = references.map((name): Finder | null => {
    const sibling = streams.find(({ connection, object }) => connection === stream.connection && object.name === name);
    const object = sibling === undefined ? null : nativeOf(scope.objects, sibling);
    const by = sibling === undefined || object === null ? null : named(object, sibling.object.idField);
    return object === null || by === null ? null : { object: object.name, by, take: null };
  });
  return finders.includes(null) ? [] : finders.filter((finder) => finder !== null);
}

export function nativeOf(
  objects: ReadonlyMap<string, CatalogueObject>,
  { stream }: TenantStream,
): CatalogueObject | null {
  for (const object of objects.values()) {
    if (object.kind === 'native' && object.sources.some((source) => source.stream === stream)) return object;
  }
  return null;
}

/** The catalogue's name of a native field. */
const named = ({ fields }: CatalogueObject, native: string): string | null =>
  [...fields.values()].find(({ name, nativeName }) => (nativeName ?? name) === native)?.name ?? null;
