import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AuditRequest, AuditUseCases } from '../../api/index.ts';
import {
  auditKinds,
  checkpointFile,
  searchAudit,
  systemsOf,
  type AuditKind,
  type AuditQuestion,
  type PublicKeys,
  type ToldEntry,
} from '../../audit/index.ts';
import { GantryError, suggest, type JsonObject } from '../../kernel/index.ts';
import type { Db } from '../../store/index.ts';
import { chainOf, verifiedReport } from './verified-report.ts';

export interface AuditUseCaseDeps {
  readonly db: Db;
  /** Of the checkpoint files. */
  readonly folder: string;
  /** By id: of this master key and the other ones. */
  readonly publicKeys: PublicKeys;
}

/** What happened, as the REST door and the CLI offer it. */
export function createAuditUseCases(deps: AuditUseCaseDeps): AuditUseCases {
  return {
    search: async (_operator, request) => {
      const { tenant } = await chainOf(deps.db, request.tenant);
      const { before = null, limit } = request;
      const { entries, next } = await searchAudit(deps.db, tenant, questionIn(request), { before, limit });
      return { entries: entries.map(shown), next };
    },
    verify: async (_operator, request) => {
      const { tenant, slug } = await chainOf(deps.db, request.tenant);
      const text = await readFileOf(deps.folder, checkpointFile(slug, tenant));
      return verifiedReport(deps.db, { tenant, slug, text, publicKeys: deps.publicKeys });
    },
  };
}

function questionIn(request: AuditRequest): AuditQuestion {
  return {
    about: request.about ?? null,
    agent: request.agent ?? null,
    person: request.person ?? null,
    plan: request.plan ?? null,
    connection: request.connection ?? null,
    object: request.object ?? null,
    model: request.model ?? null,
    kinds: request.kind?.map(kindIn) ?? null,
    from: request.from ?? null,
    to: request.to ?? null,
    amountFrom: request.amountFrom ?? null,
    amountTo: request.amountTo ?? null,
  };
}

function kindIn(text: string): AuditKind {
  const kind = auditKinds.find((each) => each === text);
  if (kind !== undefined) return kind;
  throw new GantryError('bad_request', {
    message: `There is no kind of entry "${text}".`,
    where: 'kind',
    suggestions: suggest(text, auditKinds),
  });
}

function shown({ seq, at, kind, sentence, entry }: ToldEntry): JsonObject {
  return {
    seq,
    at: at.toISOString(),
    kind,
    sentence,
    erased: entry === null,
    ...(entry === null
      ? {}
      : {
          actor: { ...entry.actor },
          subject: { ...entry.subject },
          systems: [...systemsOf(entry.subject)],
          reason: entry.reason,
          amount: entry.amount,
          detail: entry.detail,
        }),
  };
}

/** Nothing where this process has no file of the tenant: another machine's worker writes it. */
async function readFileOf(folder: string, name: string): Promise<string> {
  return readFile(join(folder, name), 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  });
}
