import { describe, expect, it } from 'vitest';
import type { Caller, VisibleObject } from '../../src/access/index.ts';
import { withIntents } from '../../src/app/write/describe-intents.ts';
import { connectorRegistry } from '../../src/connectors/index.ts';
import { systemClock, systemRandom } from '../../src/kernel/index.ts';
import type { WriteGrant } from '../../src/manifest/index.ts';
import type { ObjectDescription, QueryScope, QueryService } from '../../src/query/index.ts';

const connectors = connectorRegistry({ clock: systemClock, random: systemRandom });

const source = (system: string, connection: string, object: string) => ({
  system,
  connection,
  object,
  trust: 'record',
});
const sourcesOf: Readonly<Record<string, ObjectDescription['sources']>> = {
  deal: [source('salesforce', 'crm', 'Opportunity'), source('zendesk', 'desk', 'tickets')],
  contact: [source('salesforce', 'crm', 'Contact')],
  user: [source('salesforce', 'crm', 'User')],
};

/** Nothing of a description but where its object comes from matters here. */
const service = {
  describe: async (_caller: Caller, _scope: QueryScope, { names }: { readonly names: readonly string[] }) => ({
    objects: names.map((name) => ({
      name: name.split('.')[0] ?? name,
      kind: 'model',
      title: name,
      fields: [],
      sources: sourcesOf[name.split('.')[0] ?? name] ?? [],
    })),
    schema_version: '1',
  }),
} as unknown as QueryService;

interface Granted {
  readonly tools?: readonly string[];
  readonly operations?: readonly string[];
  readonly write?: Readonly<Record<string, readonly WriteGrant['operations'][number][]>>;
}

function callerOf({ tools = ['run_operation'], operations, write }: Granted): Caller {
  const objects = Object.keys(sourcesOf).map((name) => [name, { kind: 'model', name, sources: [] }] as const);
  const grants = Object.entries(write ?? {}).map(([name, allowed]) => [name, { operations: allowed }] as const);
  return {
    tools: new Set(tools),
    objects: new Map(objects) as unknown as ReadonlyMap<string, VisibleObject>,
    ...(operations === undefined ? {} : { operations: new Set(operations) }),
    ...(write === undefined ? {} : { write: new Map(grants) as unknown as ReadonlyMap<string, WriteGrant> }),
  } as unknown as Caller;
}

async function told(granted: Granted, name: string): Promise<readonly string[]> {
  const asked = withIntents(service, { connectors });
  const { objects } = await asked.describe(callerOf(granted), {} as QueryScope, { names: [name] });
  return (objects[0]?.intents ?? []).map((intent) => `${intent.name} in ${intent.in.join(', ')}`);
}

describe('what people mean that can be done with an object', () => {
  it('is told to who may run it, where the app does it', async () => {
    expect(await told({ operations: ['update_deal_stage'] }, 'deal')).toEqual(['update_deal_stage in crm']);
    expect(await told({ operations: ['upsert_contact'] }, 'contact')).toEqual(['upsert_contact in crm']);
    expect(await told({ operations: ['upsert_contact'] }, 'deal')).toEqual([]);
    expect(await told({ operations: ['update_deal_stage', 'upsert_contact'] }, 'user')).toEqual([]);
  });

  it('follows from a grant of the same writing', async () => {
    expect(await told({ write: { deal: ['update'] } }, 'deal')).toEqual(['update_deal_stage in crm']);
    expect(await told({ write: { deal: ['delete'] } }, 'deal')).toEqual([]);
    expect(await told({ write: { contact: ['update'] } }, 'deal')).toEqual([]);
  });

  it('is told to nobody who has not the tool, or nothing to write', async () => {
    expect(await told({ tools: ['query_records'], operations: ['update_deal_stage'] }, 'deal')).toEqual([]);
    expect(await told({}, 'deal')).toEqual([]);
  });

  it('is not told where single fields were asked for', async () => {
    expect(await told({ operations: ['update_deal_stage'] }, 'deal.stage')).toEqual([]);
  });

  it('says what goes into it, and of which record', async () => {
    const asked = withIntents(service, { connectors });
    const caller = callerOf({ operations: ['update_deal_stage', 'create_task', 'log_activity'] });
    const { objects } = await asked.describe(caller, {} as QueryScope, { names: ['deal'] });
    const found = new Map((objects[0]?.intents ?? []).map((intent) => [intent.name, intent]));
    expect(found.get('update_deal_stage')).toMatchObject({
      of: 'id',
      input: expect.stringContaining('stage') as string,
    });
    for (const intent of found.values()) expect(intent.input).toMatch(/^\w+\??(: [\w |]+)?(, \w+\??(: [\w |]+)?)*$/);
  });
});
