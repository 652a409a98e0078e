import type { TortureDefect } from './defect.ts';

/** Defects that no single process would notice: what dies, stops or is cut off at the wrong moment has to show them. */
export const tortureDefects: readonly TortureDefect[] = [
  {
    name: 'fencing is off: whoever lost a stream still keeps its page',
    case: 'stalled-worker',
    edits: [
      {
        file: 'src/store/stream-leases.ts',
        find: 'heartbeat: `update stream set lease_until = $4 where tenant = $1 and id = $2 and lease_by = $3 returning id`',
        replace:
          'heartbeat: `update stream set lease_until = $4 where tenant = $1 and id = $2 and $3::text is not null returning id`',
      },
      {
        file: 'src/store/ingest.ts',
        find: '($7::text is null or lease_by = $7)',
        replace: '($7::text is null or lease_by is distinct from $7 or lease_by = $7)',
      },
    ],
  },
  {
    name: 'a tombstone is dropped',
    case: 'deletions',
    edits: [
      {
        file: 'src/sync/keep-page.ts',
        find: 'page.records.map((record) => normaliseRecord(object, record))',
        replace: 'page.records.filter(({ deleted }) => !deleted).map((record) => normaliseRecord(object, record))',
      },
      // Events tell of deletions, too: both ways come to the same records.
      {
        file: 'src/inbox/keep-records.ts',
        find: 'const records = [...found, ...gone];',
        replace: 'const records = found.filter(({ deleted }) => !deleted);',
      },
    ],
  },
  {
    name: 'the lens does not take deletions over',
    case: 'deletions',
    edits: [
      {
        file: 'src/lens/host/writes.ts',
        find: 'await applyChanges(instance, instance.layout, batch, emit);',
        replace:
          'await applyChanges(instance, instance.layout, { ...batch, changes: batch.changes.filter(({ records }) => records.ids.length > 0) }, emit);',
      },
    ],
  },
  {
    name: 'streams of a worker that died stay its own',
    case: 'killed-page',
    edits: [
      {
        file: 'src/store/stream-leases.ts',
        find: '(lease_until is null or lease_until <= $2)',
        replace: 'lease_by is null',
      },
    ],
  },
  {
    name: 'renewed tokens are used and not kept',
    case: 'renewal',
    edits: [
      {
        file: 'src/connection/token-store.ts',
        find: 'const generation = await replaceCredential(tx, credentialKey(key), before.generation, value);',
        replace: 'const generation = before.generation + 1;',
      },
    ],
  },
  {
    name: 'the vault keeps secrets as they are',
    case: 'deletions',
    edits: [
      {
        file: 'src/vault/vault.ts',
        find: 'return sealEnvelope(dataKey.key, dataKey.id, secretAad(tenant, context), plain, random);',
        replace: 'return new Uint8Array(plain);',
      },
      {
        file: 'src/vault/vault.ts',
        find: '    open: async (tx, tenant, context, sealed) => {\n',
        replace:
          "    open: async (tx, tenant, context, sealed) => {\n      if (sealed.length > 0) return Buffer.from(sealed).toString('utf8');\n",
      },
    ],
  },
  {
    name: 'a page is logged with a record of it',
    case: 'deletions',
    edits: [
      {
        file: 'src/sync/run-stream.ts',
        find: "deps.onEvent({ kind: 'sync_page', tenant, stream: stream.id, run: holder.worker, object: object.name, ...counts });",
        replace:
          "deps.onEvent({ kind: 'sync_page', tenant, stream: stream.id, run: holder.worker, object: object.name, ...counts, ...{ sample: page.records.at(-1) } });",
      },
    ],
  },
  {
    name: 'a token is logged',
    case: 'renewal',
    edits: [
      {
        file: 'src/connection/provider-access.ts',
        find: "deps.onEvent({ kind: 'token_refreshed', tenant, connection: request.connection, generation: known.generation });",
        replace:
          "deps.onEvent({ kind: 'token_refreshed', tenant, connection: request.connection, generation: known.generation, ...{ token: known.accessToken } });",
      },
    ],
  },
  {
    name: 'a worker gives up when the database was away once',
    case: 'after-a-restart',
    edits: [
      {
        file: 'src/kernel/polling.ts',
        find: '        onFailed(cause);\n      }\n      await rest();',
        replace: '        onFailed(cause);\n        return;\n      }\n      await rest();',
      },
    ],
  },
  {
    name: 'a record that changed keeps its old version',
    case: 'deletions',
    edits: [
      {
        file: 'src/store/ingest.ts',
        find: 'else e.src_at is null or excluded.src_at is null or excluded.src_at >= e.src_at end',
        replace: 'else e.src_at is null or excluded.src_at is null end',
      },
    ],
  },
  {
    name: 'a delivery is acknowledged before it is kept',
    case: 'killed-delivery',
    edits: [
      {
        file: 'src/inbox/receive.ts',
        find: 'if (reading.events.length > 0) await orAway(keep(place, reading.events));',
        replace: 'if (reading.events.length > 0) void orAway(keep(place, reading.events)).catch(() => undefined);',
      },
    ],
  },
  {
    name: 'an event counts as told before it is sent',
    case: 'killed-event',
    edits: [
      {
        file: 'src/subscriptions/send-due.ts',
        find: '  const result = await postEvent(deps,',
        replace:
          '  await keepAttempt(deps, worker, turn, { delivery, result: { status: 204, cause: null, waitMs: null, tookMs: 0 } });\n  const result = await postEvent(deps,',
      },
    ],
  },
  {
    name: 'the budget is ignored',
    case: 'shared-budget',
    edits: [
      {
        file: 'src/budget/limit-keeper.ts',
        find: 'if (portion.left > 0 && portion.endsMs > now)',
        replace: 'if (portion.left > -1_000_000)',
      },
    ],
  },
  {
    name: 'what is read again counts as changed',
    case: 'deletions',
    edits: [
      {
        file: 'src/store/ingest.ts',
        find: 'where (select e.hash = i.hash and (i.src_at > e.src_at) is not true',
        replace: 'where (select e.hash is null and i.hash is not null',
      },
      {
        file: 'src/store/ingest.ts',
        find: 'ver = e.ver + (e.hash <> excluded.hash)::int',
        replace: 'ver = e.ver + 1',
      },
      {
        file: 'src/store/ingest.ts',
        find: 'where case when e.hash = excluded.hash then excluded.src_at > e.src_at',
        replace: 'where case when e.hash = excluded.hash then excluded.src_at >= e.src_at',
      },
    ],
  },
  {
    name: 'the place is kept before its page',
    case: 'killed-reread',
    edits: [
      {
        file: 'src/sync/run-stream.ts',
        find: '    const { counts, held } = await keepPage(deps, {',
        replace:
          "    await deps.db.tenantTx(tenant, (early) => early.query('update stream set cursor = $3::text::jsonb where tenant = $1 and id = $2', [tenant, holder.stream, JSON.stringify(page.cursor)]), 'sync.keep_early');\n    const { counts, held } = await keepPage(deps, {",
      },
    ],
  },
  {
    name: 'two processes renew one sign-in side by side',
    case: 'renewals-together',
    edits: [
      {
        file: 'src/connection/renewal-turn.ts',
        find: "return db.kind === 'pglite' ? await work() : await holding({ db, waitMs }, key, slug, work);",
        replace: 'return await work();',
      },
    ],
  },
  {
    name: 'refusals for too many calls are not heeded',
    case: 'limited-calls',
    edits: [
      {
        file: 'src/budget/gate.ts',
        find: "if (outcome.kind === 'limited' && own !== undefined)",
        replace: "if (outcome.kind === 'limited' && own === null)",
      },
      {
        file: 'src/budget/gate.ts',
        find: "if (outcome.kind === 'limited' && !ownOnly && place === 0)",
        replace: "if (outcome.kind === 'limited' && place === -1)",
      },
      {
        file: 'src/connectors/kit/http-client.ts',
        find: 'const stated = outcome.waitMs ?? secondsToMs(fault.retryAfterS);',
        replace: 'const stated = isLimited(fault) ? 0 : outcome.waitMs;',
      },
    ],
  },
  {
    name: 'a worker that stood still sends what another one took over',
    case: 'stalled-write',
    edits: [
      {
        file: 'src/write/may-send.ts',
        find: 'if (saidMs !== null && isFresh(saidMs)) {',
        replace: 'if (saidMs !== null) {',
      },
    ],
  },
  {
    name: 'a write whose worker died is sent again without being asked for',
    case: 'killed-write',
    edits: [
      {
        file: 'src/write/settle.ts',
        find: "state: 'outcome_unknown',\n          from: writeStatesBefore('lost'),",
        replace: "state: 'queued',\n          from: writeStatesBefore('lost'),",
      },
    ],
  },
  {
    name: 'how a write ended is told to the audit beside its transaction',
    case: 'undone',
    edits: [
      {
        file: 'src/write/keep-outcomes.ts',
        find: '  await deps.audit(tx, tenant, entries);\n  return events;',
        replace:
          "  setTimeout(() => void deps.db.tenantTx(tenant, (own) => deps.audit(own, tenant, entries), 'write.keep_told'), 100);\n  return events;",
      },
    ],
  },
  {
    name: 'an approval is not looked at any more when it is carried out',
    case: 'approved',
    edits: [
      {
        file: 'src/write/send-batch.ts',
        find: 'if (!row.approved) return null;',
        replace: "if (!row.approved || row.id !== '') return null;",
      },
    ],
  },
  {
    name: 'a switch counts only when a plan is accepted',
    case: 'switched-off',
    edits: [
      {
        file: 'src/write/may-send.ts',
        find: 'if (stop !== null) throw stopped(stop);',
        replace: "if (stop !== null && stop.reason === '') throw stopped(stop);",
      },
      {
        file: 'src/write/send-batch.ts',
        find: 'if (against === null) free.push(...own);',
        replace: "if (against === null || against.reason !== '') free.push(...own);",
      },
    ],
  },
  {
    name: 'a lost answer is asked for before a late effect has had its time',
    case: 'lost-answer',
    edits: [
      {
        file: 'src/write/keep-outcomes.ts',
        find: 'new Date(tx.now.getTime() + waitMs)',
        replace: 'new Date(tx.now.getTime() + waitMs - waitMs)',
      },
    ],
  },
  {
    name: 'an undo overwrites what somebody has changed since',
    case: 'undone',
    edits: [
      {
        file: 'src/write/images.ts',
        find: 'if (was === undefined || is === undefined || equal(is, was)) continue;',
        replace: 'if (was !== undefined || is === undefined || equal(is, was)) continue;',
      },
    ],
  },
  {
    name: 'a job that is known is begun once more',
    case: 'killed-job',
    edits: [
      {
        file: 'src/connectors/zendesk/writes/job.ts',
        find: "const known = request.job === null ? null : textAt(request.job, 'id');",
        replace: "const known = request.job === null ? null : textAt(request.job, 'nothing');",
      },
    ],
  },
  {
    name: 'two that come at one moment under one key each have a plan',
    case: 'same-key',
    edits: [
      {
        file: 'src/write/keep-plan.ts',
        find: 'if (!(await addWriteRequest(tx, key, added))) throw earlierCame;',
        replace: 'await addWriteRequest(tx, key, added);',
      },
    ],
  },
  {
    name: 'the time that people have goes by the clock of whoever looks',
    case: 'nobody-works',
    edits: [
      {
        file: 'src/approvals/on-time.ts',
        find: 'const event = dueEvent(row, tx.now);',
        replace: 'const event = dueEvent(row, new Date());',
      },
      {
        file: 'src/store/approvals.ts',
        find: 'const params = [tenant, tx.now, [...toRemind], [...toEscalate], limit];',
        replace: 'const params = [tenant, new Date(), [...toRemind], [...toEscalate], limit];',
      },
    ],
  },
  {
    name: 'sums over time are read while others add to them',
    case: 'split-amounts',
    edits: [
      {
        file: 'src/app/write/plan-rules.ts',
        find: 'if (sumsOf(rules).length > 0) await lockSpending(tx, tenant);',
        replace: '',
      },
    ],
  },
  {
    name: 'an undo makes anew what somebody has deleted',
    case: 'gone-since',
    edits: [
      {
        file: 'src/write/undo/compare.ts',
        find: 'if (chain.existedBefore && chain.existsAfter && is === null) {',
        replace: "if (chain.existedBefore && chain.existsAfter && is === null && chain.recordId === '') {",
      },
    ],
  },
];
