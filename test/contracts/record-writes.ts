import {
  connectorRegistry,
  requireConnector,
  type SessionWrites,
  type WriteItem,
  type WriteOperation,
  type WriteOutcome,
} from '../../src/connectors/index.ts';
import { systemClock, systemRandom, type Json } from '../../src/kernel/index.ts';
import type { NativeObject } from '../../src/schema/index.ts';
import { signIn, type TestSandbox } from '../support/sandbox.ts';
import { startRecorder, type RecordedCall } from './recorder.ts';

export interface WrittenObject {
  readonly object: string;
  values(n: number): Readonly<Record<string, Json>>;
  readonly change: Readonly<Record<string, Json>>;
  /** Field of create-or-update, where there is one. */
  readonly match?: string;
}

/**
 * Everything that a connector asks of its provider when records are written: each
 * operation in each of its forms, reading before and after, and what finds out
 * about lost answers. Throws unless all of it took effect.
 */
export async function recordWrites(
  sandbox: TestSandbox,
  provider: string,
  objects: readonly WrittenObject[],
): Promise<readonly RecordedCall[]> {
  const recorder = await startRecorder(sandbox.url);
  try {
    const connector = requireConnector(connectorRegistry({ clock: systemClock, random: systemRandom }), provider);
    const seen: TestSandbox = { ...sandbox, url: recorder.url, app: { ...sandbox.app, loginUrl: recorder.url } };
    const { access } = await signIn(seen, connector, undefined, connector.writeScopes);
    const session = connector.open(access);
    if (session.writes === undefined) throw new Error(`${provider} does not write`);
    for (const written of objects) {
      await writeAll(session.writes, await session.describeObject(written.object), written);
    }
    return [...recorder.calls];
  } finally {
    await recorder.stop();
  }
}

async function writeAll(writes: SessionWrites, object: NativeObject, written: WrittenObject): Promise<void> {
  let made = 0;
  const item = (given: Partial<WriteItem>): WriteItem => {
    made += 1;
    return { key: `r-${object.name}-${made}`, recordId: null, values: {}, match: null, ifVersion: null, ...given };
  };
  const fields = Object.keys(written.change);
  const send = async (operation: WriteOperation, form: string, items: readonly WriteItem[]): Promise<string[]> => {
    const request = {
      object,
      operation,
      form,
      items,
      beforeSend: () => Promise.resolve(),
      onJob: () => Promise.resolve(),
      job: null,
      signal: new AbortController().signal,
    };
    const outcomes = await writes.send(request);
    await writes.settle(request, new Map());
    return outcomes.map(idOf);
  };
  const answer = writes.wayOf(object, 'create');
  if (answer.kind === 'no_way') throw new Error(answer.why);
  for (const { name: form, recordsMax } of answer.way.forms) {
    const count = Math.min(recordsMax, 2);
    const many = (given: (at: number) => Partial<WriteItem>): WriteItem[] =>
      Array.from({ length: count }, (_empty, at) => item(given(at)));
    const ids = await send(
      'create',
      form,
      many(() => ({ values: written.values((made += 1)) })),
    );
    const images = await writes.readImages(object, ids, fields);
    const recordOf = (at: number): Pick<WriteItem, 'recordId' | 'ifVersion'> => ({
      recordId: ids[at] ?? '',
      ifVersion: images[at]?.version ?? null,
    });
    await send(
      'update',
      form,
      many((at) => ({ ...recordOf(at), values: written.change })),
    );
    await send(
      'delete',
      form,
      many((at) => ({ recordId: ids[at] ?? '' })),
    );
    const upsert = writes.wayOf(object, 'upsert');
    if (written.match === undefined || upsert.kind === 'no_way') continue;
    if (!upsert.way.forms.some(({ name }) => name === form)) continue;
    const match = (at: number) => ({ field: written.match ?? '', value: `r-${form}-${at}` });
    await send(
      'upsert',
      form,
      many((at) => ({ values: written.values((made += 1)), match: match(at) })),
    );
  }
}

function idOf(outcome: WriteOutcome): string {
  if (outcome.kind !== 'applied') throw new Error(`not applied: ${JSON.stringify(outcome)}`);
  return outcome.recordId;
}
