import { join } from 'node:path';
import type { AuditUseCases, SwitchUseCases } from '../../api/index.ts';
import {
  auditAppender,
  checkpointKey,
  createAuditReads,
  startCheckpoints,
  type AppendAudit,
  type AuditEntry,
} from '../../audit/index.ts';
import { limits, type Clock, type Json, type Random, type TenantId } from '../../kernel/index.ts';
import type { ToolCallEvent } from '../../mcp/index.ts';
import type { Db } from '../../store/index.ts';
import type { Config } from '../config.ts';
import type { EventSink } from '../events.ts';
import { approvalSettings } from '../approvals/approval-settings.ts';
import type { Revisions } from '../project/revisions.ts';
import { createSwitchUseCases } from '../switches/switch-use-cases.ts';
import { publicKeysOf } from './audit-key.ts';
import { createAuditUseCases } from './audit-use-cases.ts';

export interface AuditPartDeps {
  readonly config: Pick<Config, 'masterKey' | 'otherMasterKeys' | 'auditPublicKeys' | 'dataDir' | 'auditDir'>;
  readonly db: Db;
  readonly clock: Clock;
  readonly random: Random;
  readonly emit: EventSink;
  readonly slugOf: (tenant: TenantId) => Promise<string | null>;
  readonly revisions: Pick<Revisions, 'current'>;
}

export interface AuditParts {
  /** For whatever has an effect: in its own transaction, last. */
  readonly append: AppendAudit;
  readonly audit: AuditUseCases;
  readonly switches: SwitchUseCases;
  /** A call that only read, kept a moment later. */
  toolCalled(tenant: TenantId, event: ToolCallEvent, input: Json): void;
  /** Begins to sign chains. */
  start(): void;
  /** Keeps what waits. */
  stop(): Promise<void>;
}

/** What happened, and stopping what happens. */
export function createAuditParts(parts: AuditPartDeps): AuditParts {
  const { config, db, clock, random, emit, slugOf } = parts;
  const append = auditAppender(random);
  const reads = createAuditReads({ db, clock, append, onEvent: emit });
  const key = checkpointKey(config.masterKey);
  const folder = config.auditDir ?? join(config.dataDir, 'audit');
  const publicKeys = publicKeysOf(config);
  let checkpoints: ReturnType<typeof startCheckpoints> | null = null;
  return {
    append,
    audit: createAuditUseCases({ db, folder, publicKeys }),
    switches: createSwitchUseCases({
      db,
      audit: append,
      settings: approvalSettings(parts.revisions),
      names: async () => (await parts.revisions.current())?.manifest ?? null,
    }),
    toolCalled: (tenant, event, input) => reads.add(tenant, calledEntry(event, input)),
    start: () => {
      const name = `audit-${Buffer.from(random.bytes(6)).toString('hex')}`;
      checkpoints ??= startCheckpoints({ db, clock, key, folder, slugOf, onEvent: emit }, name);
    },
    stop: async () => {
      await checkpoints?.stop();
      await reads.close();
    },
  };
}

function calledEntry(
  { agent, principal, tool, errorCode, requestId, durationMs }: ToolCallEvent,
  input: Json,
): AuditEntry {
  return {
    kind: 'tool_called',
    actor: { kind: 'agent', agent, principal },
    subject: { tool },
    reason: null,
    amount: null,
    detail: {
      request: requestId,
      input: shortened(input),
      ms: Math.round(durationMs),
      ...(errorCode === null ? {} : { error: errorCode }),
    },
  };
}

function shortened(input: Json): Json {
  const text = textOf(input);
  if (text === null) return 'Nested too deeply to be kept.';
  return text.length <= limits.auditInputChars ? input : `${text.slice(0, limits.auditInputChars)}…`;
}

/** Null: nested so deeply that it cannot be written. Whoever reads it has refused it; that somebody sent it is kept all the same. */
function textOf(input: Json): string | null {
  try {
    return JSON.stringify(input);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
