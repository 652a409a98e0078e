import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Facts } from './facts.ts';
import type { Finding } from './finding.ts';
import { grouped } from './effects.ts';
import type { AuditLine, Intent } from './intents.ts';

const sha256 = (...parts: readonly (Buffer | string)[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** I7: each entry follows the one before it, and says what it committed to (docs/audit.md has the formula). */
export function brokenChain(tenant: string, lines: readonly AuditLine[]): Finding[] {
  let before = Buffer.alloc(32);
  for (const [at, { seq, at: time, kind, commitment, hash, salt, body }] of lines.entries()) {
    const say = (what: string): Finding[] => [{ invariant: 'I7', tenant, what: `audit entry ${String(seq)} ${what}` }];
    if (seq !== at + 1) return say(`stands at place ${String(at + 1)}`);
    if (salt !== null && body !== null && !sha256(salt, body).equals(commitment))
      return say('is not what it committed to');
    const link = sha256(
      JSON.stringify([before.toString('hex'), seq, time.toISOString(), kind, commitment.toString('hex')]),
    );
    if (!link.equals(hash)) return say('does not follow the one before it');
    before = Buffer.from(hash);
  }
  return [];
}

interface Body {
  readonly subject: { readonly plan?: string; readonly write?: string };
  readonly detail: { readonly outcome?: { readonly kind?: string } | null };
}

/** I7: one intent, one decision, an entry for each attempt, and one that says how it ended. */
export function untoldWrites(tenant: string, intents: readonly Intent[], lines: readonly AuditLine[]): Finding[] {
  const entries = lines.flatMap(({ kind, body }) => (body === null ? [] : [{ kind, ...(JSON.parse(body) as Body) }]));
  const byPlan = grouped(entries, ({ subject }) => subject.plan ?? '');
  const byWrite = grouped(entries, ({ subject }) => subject.write ?? '');
  const found: Finding[] = [];
  for (const intent of intents.filter((each) => each.tenant === tenant && each.seq !== null)) {
    const { plan, item, state, attempts, object } = intent;
    const write = `${plan}/${String(item)}`;
    const ofPlan = byPlan.get(plan) ?? [];
    const own = byWrite.get(write) ?? [];
    const count = (kinds: readonly string[], among = own): number =>
      among.filter(({ kind }) => kinds.includes(kind)).length;
    const applied = own.filter(
      ({ kind, detail }) => (kind === 'write_ended' || kind === 'write_settled') && detail.outcome?.kind === 'applied',
    ).length;
    const wrong = [
      [count(['plan_prepared', 'undo_prepared'], ofPlan) !== 1, 'no intent, or several'],
      [count(['plan_committed'], ofPlan) !== 1, 'no decision, or several'],
      [count(['write_attempted']) !== attempts, `${String(attempts)} attempts, and other entries of such`],
      [applied !== (state === 'succeeded' ? 1 : 0), `${String(applied)} entries that say that it took effect`],
      [
        (state === 'failed' || state === 'expired') && count(['write_ended', 'write_settled']) === 0,
        'no entry of how it ended',
      ],
      [state === 'needs_human' && count(['write_unknown']) === 0, 'no entry that somebody has to look'],
    ] as const;
    for (const [isWrong, what] of wrong)
      if (isWrong)
        found.push({ invariant: 'I7', tenant, object, what: `the audit has of ${write} (${state}) ${what}` });
  }
  return found;
}

const TRIES = 5;
const AGAIN_MS = 500;

/** I7: what Gantry itself finds when it looks. A door that does not answer yet is asked again. */
export async function unverified({ url, operatorKey }: Facts, tenant: string): Promise<Finding[]> {
  let said = '';
  for (let tries = 0; tries < TRIES; tries += 1) {
    const answer = await fetch(`${url}/v1/audit/verification?tenant=${tenant}`, {
      headers: { authorization: `Bearer ${operatorKey}` },
    }).catch(() => null);
    said = answer === null ? 'no answer' : await answer.text();
    if (answer?.ok === true) break;
    await sleep(AGAIN_MS);
  }
  if (said.startsWith('{') && (JSON.parse(said) as { ok?: boolean }).ok === true) return [];
  return [{ invariant: 'I7', tenant, what: `gantry audit verify does not pass: ${said.slice(0, 300)}` }];
}
