import { ControlError } from '../../kit/index.ts';
import type { Org } from '../org.ts';
import { rawOf } from '../orm/env.ts';
import { OPERATIONS } from '../schema/model.ts';
import { groupKey } from '../security/groups.ts';
import { ACCESS_MODEL, RULE_MODEL } from '../security/rights.ts';
import { add, groupNamed, put } from './people.ts';

type Given = Readonly<Record<string, unknown>>;

/** `{name, model, domain, groups?, active?, operations?}`: makes a rule or changes the one of that name and model. */
export function putRule(org: Org, given: Given): void {
  const { name, domain, active = true, operations = OPERATIONS } = given;
  const model = modelNamed(org, given['model']);
  if (typeof name !== 'string' || typeof domain !== 'string' || typeof active !== 'boolean')
    throw new ControlError('rule wants {name, model, domain: Python text, groups?, active?, operations?}');
  const known = ruleNamed(org, model, name);
  const values = {
    name,
    active,
    model_id: org.registry.modelId(model),
    groups: listOf(given['groups'] ?? []).map((group) => groupNamed(org, group)),
    domain_force: domain,
    ...Object.fromEntries(OPERATIONS.map((each) => [`perm_${each}`, listOf(operations).includes(each)])),
  };
  if (known === null) add(org, RULE_MODEL, values);
  else put(org, RULE_MODEL, known, values);
}

export function removeRule(org: Org, given: Given): void {
  const model = modelNamed(org, given['model']);
  const known = ruleNamed(org, model, String(given['name']));
  if (known === null) throw new ControlError(`no rule ${String(given['name'])} on ${model}`);
  org.table(RULE_MODEL).remove(known);
}

/** `{model, group: name or null, read?, write?, create?, unlink?}`: the one access right of that model and group. */
export function putAccess(org: Org, given: Given): void {
  const model = modelNamed(org, given['model']);
  const group = given['group'] === null ? null : groupNamed(org, given['group']);
  const known = [...org.table(ACCESS_MODEL).ids({ order: 'id' })].filter(
    (id) => rawOf(org, ACCESS_MODEL, id, 'model_name') === model && rawOf(org, ACCESS_MODEL, id, 'group_id') === group,
  );
  const values = Object.fromEntries(OPERATIONS.map((each) => [`perm_${each}`, given[each] === true]));
  const [first, ...others] = known;
  for (const id of others) org.table(ACCESS_MODEL).remove(id);
  if (first !== undefined) put(org, ACCESS_MODEL, first, values);
  else {
    const name = `${model} ${String(given['group'])}`;
    add(org, ACCESS_MODEL, { ...values, name, active: true, model_id: org.registry.modelId(model), group_id: group });
  }
}

/** `{model, name, groups: names or null}`: who may know of a field at all. */
export function restrictField(org: Org, given: Given): void {
  const model = modelNamed(org, given['model']);
  const field = org.registry.field(model, String(given['name']));
  if (field === undefined) throw new ControlError(`${model} has no field ${String(given['name'])}`);
  const { groups, ...open } = field;
  const wanted = given['groups'] ?? null;
  if (wanted === null && groups === undefined) return;
  const names = wanted === null ? null : listOf(wanted).map((group) => groupKey(groupNamed(org, group)));
  org.registry.putField(model, names === null ? open : { ...open, groups: names });
}

function ruleNamed(org: Org, model: string, name: string): number | null {
  const ids = [...org.table(RULE_MODEL).ids({ order: 'id' })];
  const found = ids.find(
    (id) => rawOf(org, RULE_MODEL, id, 'model_name') === model && rawOf(org, RULE_MODEL, id, 'name') === name,
  );
  return found ?? null;
}

function modelNamed(org: Org, given: unknown): string {
  if (typeof given === 'string' && org.registry.get(given) !== undefined) return given;
  throw new ControlError(`no model ${String(given)}`);
}

export function listOf(given: unknown): readonly unknown[] {
  if (Array.isArray(given)) return given as readonly unknown[];
  throw new ControlError(`${JSON.stringify(given)} must be a list`);
}
