import { callerFor, writeGrantFor, type Caller, type PrincipalRights, type VisibleObject } from '../../access/index.ts';
import { operandsOf, type Filter } from '../../filter/index.ts';
import type { TenantId } from '../../kernel/index.ts';
import type { AgentDeclaration } from '../../manifest/index.ts';
import type { Catalogue, RecordWriter, TenantStream } from '../../mapping/index.ts';
import type { RightsQuestion } from '../../write/index.ts';
import type { Catalogues } from '../project/catalogues.ts';
import type { TenantManifests } from '../project/tenant-manifests.ts';
import type { WritersOf } from './writers-of.ts';

export interface GrantReachDeps {
  readonly manifests: Pick<TenantManifests, 'of' | 'slugOf'>;
  readonly catalogues: Pick<Catalogues, 'of' | 'streamsOf'>;
  readonly writersOf: WritersOf;
}

/** What a grant's conditions are held against, for one agent and the user that it acts for. */
export interface GrantReach {
  readonly caller: Caller;
  readonly agent: AgentDeclaration;
  readonly catalogue: Catalogue;
  /** Where it is written. */
  readonly stream: TenantStream;
  readonly writers: ReadonlyMap<string, readonly RecordWriter[]>;
}

export interface AskedBy {
  readonly stream: TenantStream;
  /** Of the user; null: the agent is a service of its own. */
  readonly rights: PrincipalRights | null;
}

/** An object by which a write is granted, and the conditions that its record has to meet. */
export interface GrantWay {
  readonly object: VisibleObject;
  /** How the object is read where it is a model; null: it is native. */
  readonly writer: RecordWriter | null;
  /** What the agent sees. */
  readonly seen: Filter | null;
  /** What it may write. */
  readonly written: Filter | null;
}

/** Null: there is no project, or the agent is declared no longer. */
export async function grantReach(
  { manifests, catalogues, writersOf }: GrantReachDeps,
  tenant: TenantId,
  { agent: name, stream, rights }: AskedBy & Pick<RightsQuestion, 'agent'>,
): Promise<GrantReach | null> {
  const manifest = (await manifests.of(tenant))?.manifest;
  const agent = manifest?.agents.get(name);
  if (manifest === undefined || agent === undefined) return null;
  const catalogue = await catalogues.of(tenant);
  const tenantSlug = await manifests.slugOf(tenant);
  const caller = callerFor({ agent, catalogue, tenant, tenantSlug, rights });
  return { caller, agent, catalogue, stream, writers: writersOf(manifest, await catalogues.streamsOf(tenant)) };
}

/** The object that the write was planned by; of an undo, where that is gone, whatever shows its record. None: nothing does any more. */
export function grantWays(
  { caller, agent, stream, writers }: GrantReach,
  { undo, intent }: Pick<RightsQuestion, 'undo' | 'intent'>,
  { model }: Pick<RightsQuestion['writes'][number], 'model'>,
): readonly GrantWay[] {
  const isHere = ({ sources }: VisibleObject): boolean => sources.some((source) => source.stream === stream.stream);
  const isNamed = ({ kind, name }: VisibleObject): boolean => (model === null ? kind === 'native' : name === model);
  // What an operation of the manifest sets is the manifest's; its record has to be seen, no more.
  const isOperation = intent?.includes('.') === true;
  const here = [...caller.objects.values()].filter(isHere);
  const named = here.filter(isNamed);
  return (undo && named.length === 0 ? here : named).map((object) => ({
    object,
    writer: writers.get(object.name)?.find((each) => each.stream.stream === stream.stream) ?? null,
    seen: object.rowFilter,
    written: isOperation ? null : (writeGrantFor(object, agent.grant.write ?? new Map())?.where ?? null),
  }));
}

/** Native fields that the conditions of the ways are about, as far as the record itself says them. */
export function nativesAsked({ stream }: GrantReach, ways: readonly GrantWay[]): readonly string[] {
  const natives = new Set<string>();
  for (const { object, writer, seen, written } of ways) {
    const named = [seen, written].flatMap((filter) => (filter === null ? [] : ownFields(filter)));
    for (const name of named) {
      const own = writer === null ? [object.fields.get(name)?.nativeName ?? name] : (writer.reads.get(name) ?? []);
      for (const native of own) natives.add(native);
    }
    if (named.length > 0) for (const native of writer?.belongsBy ?? []) natives.add(native);
  }
  return stream.object.fields.map(({ name }) => name).filter((name) => natives.has(name));
}

/** Fields of the record that a condition names, none of other records. */
export const ownFields = (filter: Filter): readonly string[] =>
  operandsOf(filter).flatMap((operand) =>
    operand.kind === 'path' && !operand.path.includes('.') ? [operand.path] : [],
  );
