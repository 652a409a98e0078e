import { limits, type Clock, type TenantId } from '../kernel/index.ts';
import type { Db } from '../store/index.ts';
import type { AppendAudit } from './append.ts';
import type { AuditLogEvent } from './events.ts';
import type { AuditEntry } from './types.ts';

/** Keeps what was only read, many entries in one transaction, a moment later (docs/audit.md says what that may lose). */
export interface AuditReads {
  add(tenant: TenantId, entry: AuditEntry): void;
  /** Keeps what waits, as far as the database takes it. */
  close(): Promise<void>;
}

export interface AuditReadsDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly append: AppendAudit;
  readonly onEvent: (event: AuditLogEvent) => void;
}

interface Waiting {
  entries: AuditEntry[];
  /** Counted only. */
  lost: number;
}

export function createAuditReads(deps: AuditReadsDeps): AuditReads {
  const tenants = new Map<TenantId, Waiting>();
  let waiting = 0;
  let flushing: Promise<void> | null = null;
  let soon: AbortController | null = null;
  let closed = false;

  const flush = async (): Promise<void> => {
    const taken = new Map(tenants);
    tenants.clear();
    waiting = 0;
    for (const [tenant, own] of taken) {
      const entries = own.lost === 0 ? own.entries : [...own.entries, lostEntry(own.lost)];
      await deps.db
        .tenantTx(tenant, (tx) => deps.append(tx, tenant, entries), 'audit.keep_reads')
        .catch((cause: unknown) => {
          const later = tenants.get(tenant);
          const kept = { entries: [...own.entries, ...(later?.entries ?? [])], lost: own.lost + (later?.lost ?? 0) };
          tenants.set(tenant, kept);
          waiting += own.entries.length;
          deps.onEvent({ kind: 'audit_waits', tenant: String(tenant), waiting: kept.entries.length, cause });
        });
    }
  };
  const run = (): Promise<void> => {
    flushing ??= flush().finally(() => {
      flushing = null;
      if (tenants.size > 0 && !closed) later();
    });
    return flushing;
  };
  const later = (): void => {
    if (soon !== null || closed) return;
    const resting = new AbortController();
    soon = resting;
    const go = (): void => {
      soon = null;
      void run();
    };
    deps.clock.sleep(limits.auditReadsFlushMs, resting.signal).then(go, go);
  };
  return {
    add: (tenant, entry) => {
      const own = tenants.get(tenant) ?? { entries: [], lost: 0 };
      tenants.set(tenant, own);
      if (waiting >= limits.auditReadsWaitingMax) {
        own.lost += 1;
        deps.onEvent({ kind: 'audit_reads_lost', tenant: String(tenant), lost: own.lost });
      } else {
        own.entries.push(entry);
        waiting += 1;
      }
      later();
      if (own.entries.length >= limits.auditReadsBatch && flushing === null) soon?.abort(new Error('many'));
    },
    close: async () => {
      closed = true;
      soon?.abort(new Error('closing'));
      await flushing;
      await flush();
    },
  };
}

const lostEntry = (count: number): AuditEntry => ({
  kind: 'tool_called',
  actor: { kind: 'gantry' },
  subject: {},
  reason: 'More calls waited to be kept than may wait; these were only counted.',
  amount: null,
  detail: { not_kept: count },
});
