import { isJsonObject, type Json } from '../../../src/kernel/index.ts';
import { ask } from '../../stage/ask.ts';
import type { WritingStage } from './stage.ts';

/** What somebody agreed to, as it was shown to them. */
export interface Agreed {
  readonly plan: string;
  readonly changes: readonly {
    readonly system: string;
    readonly operation: string;
    readonly object: string;
    /** Values as they were shown, whatever the field is called. */
    readonly values: readonly string[];
  }[];
}

/** The one human here: an approver with a key of their own, and operators' eyes on plans. */
export interface People {
  /** Says yes to what waits about a plan; null: nothing does. */
  approve(plan: string): Promise<Agreed | null>;
  stateOf(plan: string): Promise<string>;
  /** Resolves when nothing is on its way to a system any more. */
  quiet(): Promise<void>;
}

const LOOK_EVERY_MS = 200;
const QUIET_WITHIN_MS = 120_000;

export async function hirePeople(stage: WritingStage): Promise<People> {
  const asked = async (key: string, method: string, path: string, body?: object): Promise<Json> => {
    const { status, text, body: answer } = await ask(stage, key, method, path, body);
    if (status >= 400) throw new Error(`${method} ${path}: ${text}`);
    return answer;
  };
  const role = { name: 'jonas.keller@acme.example', role: 'approver' };
  const key = member(await asked(stage.operatorKey, 'POST', '/v1/operators', role), 'key');
  if (typeof key !== 'string') throw new Error('nobody can be hired');
  const plans = '/v1/tenants/acme/write-plans';
  return {
    approve: async (plan) => {
      const waiting = listed(await asked(key, 'GET', `/v1/approvals?tenant=acme&plan=${plan}`), 'approvals');
      const [first] = waiting.filter(
        (each) => member(each, 'decided_at') === null && member(each, 'kind') === 'approval',
      );
      if (first === undefined) return null;
      const path = `/v1/approvals/${String(member(first, 'id'))}`;
      const shown = await asked(key, 'GET', `${path}?tenant=acme`);
      const changes = listed(shown, 'changes').map((change) => ({
        system: String(member(change, 'system')),
        operation: String(member(change, 'operation')),
        object: String(member(change, 'object')),
        values: listed(change, 'fields').map((field) => String(member(field, 'after'))),
      }));
      await asked(key, 'POST', `${path}/decision`, { tenant: 'acme', verdict: 'approve', seen: member(shown, 'seen') });
      return { plan, changes };
    },
    stateOf: async (plan) => String(member(await asked(stage.operatorKey, 'GET', `${plans}/${plan}`), 'status')),
    quiet: async () => {
      const until = Date.now() + QUIET_WITHIN_MS;
      for (;;) {
        const states = await Promise.all(
          ['queued', 'running', 'stopping'].map((state) => asked(stage.operatorKey, 'GET', `${plans}?state=${state}`)),
        );
        if (states.every((answer) => listed(answer, 'plans').length === 0)) return;
        if (Date.now() > until) throw new Error('writes are on their way for too long');
        await new Promise((resolve) => {
          setTimeout(resolve, LOOK_EVERY_MS);
        });
      }
    },
  };
}

const member = (value: Json | undefined, name: string): Json | undefined =>
  value !== undefined && isJsonObject(value) ? value[name] : undefined;

function listed(value: Json, name: string): readonly Json[] {
  const found = member(value, name);
  if (!Array.isArray(found)) throw new Error(`no ${name} in ${JSON.stringify(value).slice(0, 300)}`);
  return found as readonly Json[];
}
