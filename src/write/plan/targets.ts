import type { VisibleObject } from '../../access/index.ts';
import type { SessionWrites, WriteOperation, WriteWay } from '../../connectors/index.ts';
import { GantryError, suggest, type StreamId } from '../../kernel/index.ts';
import {
  globMatches,
  type Integration,
  type IntegrationObject,
  type Model,
  type ObjectWrite,
} from '../../manifest/index.ts';
import type { RecordWriter, TenantStream } from '../../mapping/index.ts';
import type { WriteIntent } from '../types.ts';
import type { Asker, PlanPorts } from './ports.ts';

/** A native object of one connection that takes what is asked for. */
export interface WriteTarget {
  readonly stream: TenantStream;
  readonly integration: Integration;
  readonly object: IntegrationObject;
  readonly write: ObjectWrite;
  /** Null: what is asked for is in native terms. */
  readonly model: Model | null;
  readonly writer: RecordWriter | null;
}

/** A target that can be asked. */
export interface OpenTarget extends WriteTarget {
  readonly writes: SessionWrites;
  readonly wayOf: (operation: WriteOperation) => WriteWay | null;
}

/**
 * Where records of the object can be written so, the system that decides
 * first. Raises `write_out_of_scope`, and `not_found` for a `to` that is none
 * of its systems.
 */
export function targetsOf(asker: Asker, visible: VisibleObject, intent: WriteIntent): readonly WriteTarget[] {
  const all = visible.sources.flatMap((source) => targetAt(asker, visible, source.stream) ?? []);
  const named = intent.to === undefined ? all : all.filter((target) => isNamed(target, intent.to ?? ''));
  if (intent.to !== undefined && named.length === 0) {
    const names = visible.sources.map(({ connectionSlug }) => connectionSlug);
    throw new GantryError('not_found', {
      message: `"${intent.to.slice(0, 100)}" is no system that ${visible.name} can be written to.`,
      where: 'to',
      suggestions: suggest(intent.to, names),
      fix: 'Name a connection or an integration that feeds the object and takes writes, or leave `to` out.',
    });
  }
  const taking = named.filter(({ write }) => write.operations.includes(intent.operation));
  if (taking.length > 0) return taking.toSorted((a, b) => rank(visible, a) - rank(visible, b));
  throw new GantryError('write_out_of_scope', {
    message: `No system of this customer takes ${intent.operation} of ${visible.name}.`,
    where: 'operation',
    ...(named.length === 0
      ? {}
      : { fix: `What it takes: ${[...new Set(named.flatMap(({ write }) => write.operations))].join(', ')}.` }),
  });
}

function targetAt(asker: Asker, visible: VisibleObject, id: StreamId): WriteTarget | null {
  const stream = asker.streams.find((each) => each.stream === id);
  const integration = stream === undefined ? undefined : asker.manifest.integrations.get(stream.integration);
  const object = stream === undefined ? undefined : integration?.objects.get(stream.object.name);
  if (stream === undefined || integration === undefined || object?.write === undefined) return null;
  if (!integration.scope.write.some((glob) => globMatches(glob, object.from))) return null;
  const about = { stream, integration, object, write: object.write };
  if (visible.kind === 'native') return { ...about, model: null, writer: null };
  const model = asker.manifest.models.get(visible.name);
  const writer = asker.writers.get(visible.name)?.find((each) => each.stream.stream === id);
  return model === undefined || writer === undefined ? null : { ...about, model, writer };
}

const isNamed = ({ stream }: WriteTarget, to: string): boolean =>
  stream.connectionSlug === to || stream.integration === to;

const trusts = ['record', 'engagement', 'last_resort'] as const;

/** Who decides the whole object comes first, then who decides part of it, then by trust. */
function rank(visible: VisibleObject, { stream }: WriteTarget): number {
  const source = visible.sources.find((each) => each.stream === stream.stream);
  const decides = source?.decides === 'all' ? 0 : source?.decides === undefined ? 2 : 1;
  return decides * trusts.length + trusts.indexOf(source?.trust ?? 'last_resort');
}

/**
 * The one where a new record goes. Raises `write_system_ambiguous` where
 * several could take it and neither `system_of_record` nor trust tells them apart.
 */
export function targetOfNew(visible: VisibleObject, targets: readonly WriteTarget[]): WriteTarget {
  const [first, second] = targets;
  if (first === undefined) throw new Error('there is a target');
  if (second === undefined || rank(visible, first) < rank(visible, second)) return first;
  throw new GantryError('write_system_ambiguous', {
    message: `${visible.name} can be made in ${targets.map(({ stream }) => stream.connectionSlug).join(' and in ')}.`,
    where: 'to',
    allowed: targets.map(({ stream }) => stream.connectionSlug),
  });
}

/** Asks each connection once. Raises `write_system_unavailable`, `write_unsupported`. */
export async function openTargets(
  { writesOf }: Pick<PlanPorts, 'writesOf'>,
  targets: readonly WriteTarget[],
  operation: WriteOperation,
): Promise<readonly OpenTarget[]> {
  const opened: OpenTarget[] = [];
  for (const target of targets) {
    const { connection, connectionSlug, object } = target.stream;
    const writes = await writesOf(connection);
    if (writes === null) {
      throw new GantryError('write_system_unavailable', {
        message: `${connectionSlug} cannot be written to now: it is not signed in, or it is paused.`,
        where: connectionSlug,
      });
    }
    if (writes === 'none') throw unsupported(target, operation, 'its connector only reads');
    const answer = writes.wayOf(object, operation);
    // An upsert that the provider does not know is an update or a create: which one is known before it is sent.
    if (answer.kind === 'no_way' && operation !== 'upsert') throw unsupported(target, operation, answer.why);
    opened.push({
      ...target,
      writes,
      wayOf: (asked) => {
        const way = writes.wayOf(object, asked);
        return way.kind === 'way' ? way.way : null;
      },
    });
  }
  return opened;
}

const unsupported = ({ stream }: WriteTarget, operation: WriteOperation, why: string): GantryError =>
  new GantryError('write_unsupported', {
    message: `${stream.connectionSlug} does not take ${operation} of ${stream.object.name}: ${why}.`,
    where: 'operation',
  });
