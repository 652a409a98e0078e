import type { AccessParts } from './access/access-parts.ts';
import type { ConnectionDeps } from '../connection/index.ts';
import type { Connector } from '../connectors/index.ts';
import type { Lens } from '../lens/index.ts';
import { createToolDoor, type ReadEvents } from '../mcp/index.ts';
import type { CodeRunner } from '../operations/index.ts';
import { createQueryService } from '../query/index.ts';
import { createQueryAccess } from './access/query-access.ts';
import type { AuditParts } from './audit/audit-parts.ts';
import { createConnectionNotes, warnOfConnections } from './connections/warn-of-connections.ts';
import type { EventSink } from './events.ts';
import { createQueryDeps } from './lens/query-deps.ts';
import type { Catalogues } from './project/catalogues.ts';
import type { TenantManifests } from './project/tenant-manifests.ts';
import { connectionSummaries, type StatusDeps } from './status.ts';
import type { Targets } from './sync/targets.ts';
import { createAskers } from './write/askers.ts';
import { withIntents } from './write/describe-intents.ts';
import { showPending } from './write/pending-answers.ts';
import { planPorts } from './write/plan-ports.ts';
import { readUntrusted } from './write/read-untrusted.ts';
import { createRunCode } from './write/run-code.ts';
import type { WriteParts } from './write/write-parts.ts';
import { createWriteTools } from './write/write-tools.ts';

/** What all parts of a process share, as far as agents' calls need it. */
export interface AnswerDeps {
  readonly lens: Lens;
  readonly connection: ConnectionDeps;
  readonly manifests: TenantManifests;
  readonly catalogues: Catalogues;
  readonly targets: Targets;
  readonly connectors: ReadonlyMap<string, Connector>;
  readonly code: CodeRunner;
  readonly emit: EventSink;
}

/** What agents ask through. */
export function createAnswers(
  core: AnswerDeps,
  parts: {
    readonly status: StatusDeps;
    readonly access: AccessParts;
    readonly audit: AuditParts;
    readonly writing: Pick<WriteParts, 'writes' | 'rules'>;
  },
  wakeSync: () => void,
  readEvents: ReadEvents,
) {
  const { lens, connection } = core;
  const { status, audit, writing } = parts;
  const { db, clock, random } = connection;
  const runCode = createRunCode(core.code);
  const connectionNotes = createConnectionNotes(db, clock);
  const query = createQueryService({
    lens,
    clock,
    ...createQueryDeps(db, wakeSync),
    access: createQueryAccess({ ...core, access: parts.access }),
  });
  const door = createToolDoor({
    services: {
      query: showPending(withIntents(warnOfConnections(query, connectionNotes), core), { ...core, ...writing, db }),
      connections: (tenant) => connectionSummaries(status, tenant),
      readEvents,
      writes: createWriteTools({
        ...writing,
        askerOf: createAskers({ ...core, clock, readUntrusted }),
        portsFor: (asker) => planPorts({ ...core, ...writing, db, clock, random, query, runCode }, asker),
      }),
    },
    clock,
    random,
    onCall: (event, { tenant, input }) => {
      core.emit({ kind: 'tool_called', ...event });
      audit.toolCalled(tenant, event, input);
    },
  });
  return { connectionNotes, door };
}
