import type { StreamId } from '../../kernel/index.ts';
import type { PolicyPart, SafetyClass } from '../../policy/index.ts';
import type { Impact, PlanQuestion, UnseenCondition, WriteIntent } from '../types.ts';
import type { Draft } from './draft.ts';
import { policyRow } from './impact.ts';
import type { Asker } from './ports.ts';
import { writtenFields } from './written-fields.ts';

/** What the policy is asked of a plan. */
export function policyQuestion(
  asker: Asker,
  about: {
    readonly intent: WriteIntent;
    readonly drafts: readonly Draft[];
    readonly impact: Impact;
    readonly safety: SafetyClass;
    readonly unseen: readonly UnseenCondition[];
  },
): PlanQuestion {
  const { intent, drafts, impact, safety, unseen } = about;
  return {
    agent: asker.agent.name,
    principal: asker.caller.principal?.principal ?? null,
    intent: intent.intent ?? null,
    safety,
    accountable: asker.agent.owner,
    parts: partsOf(asker, drafts),
    amount: impact.amount,
    currency: impact.currency,
    readUntrusted: asker.readUntrusted,
    ...(unseen.length === 0 ? {} : { unseen: unseen.map(({ text }) => text) }),
  };
}

/** The records of one connection, object and operation together. */
function partsOf(asker: Asker, drafts: readonly Draft[]): readonly PolicyPart[] {
  const asked = new Set(asker.pathsAsked);
  const groups = new Map<string, Draft[]>();
  for (const draft of drafts) {
    const key = `${String(draft.target.stream.stream)} ${draft.operation}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [draft]);
    else group.push(draft);
  }
  return [...groups.values()].flatMap((group): PolicyPart[] => {
    const [first] = group;
    if (first === undefined) return [];
    const { stream, integration, model } = first.target;
    return [
      {
        integration: integration.name,
        mode: integration.mode,
        connection: stream.connectionSlug,
        object: stream.object.name,
        model: model?.name ?? null,
        operation: first.operation,
        records: group.length,
        fields: fieldsOf(asker, group),
        rows: asked.size === 0 ? [] : group.map((draft) => policyRow(draft, asked)),
      },
    ];
  });
}

function fieldsOf({ writers }: Asker, drafts: readonly Draft[]): readonly string[] {
  const fields = new Set<string>();
  const natives = new Map<StreamId, Set<string>>();
  for (const { target, changes, values } of drafts) {
    for (const { field } of changes) if (target.model !== null) fields.add(field);
    const own = natives.get(target.stream.stream) ?? new Set();
    for (const name of Object.keys(values)) own.add(name);
    natives.set(target.stream.stream, own);
  }
  const written = [...natives].map(([id, own]) => ({
    isOf: ({ stream }: { stream: StreamId }) => stream === id,
    natives: own,
  }));
  return [...new Set([...fields, ...writtenFields(writers, written)])];
}
