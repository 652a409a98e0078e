import type { VisibleObject } from '../../access/index.ts';
import { limits } from '../../kernel/index.ts';
import {
  cleanDescription,
  cleanLabel,
  isShowable,
  namesField,
  type CatalogueField,
  type CatalogueObject,
  type NamedField,
} from '../../mapping/index.ts';
import type { NativeRule, RecordType } from '../../schema/index.ts';
import type { ObjectDescription, RecordTypeDescription, RuleDescription } from '../types.ts';
import { bytesOf } from './bytes-of.ts';

export interface RulesDetail {
  /** Fields that were asked for one by one: only what concerns them is told. Null: the whole object. */
  readonly fields: ReadonlySet<string> | null;
  readonly full: boolean;
  /** Room in the answer; what comes last gives way first. */
  readonly bytes: number;
}

type Told = Pick<ObjectDescription, 'record_types' | 'record_types_not_shown' | 'rules' | 'rules_not_shown'>;

/** What the customer configured around an object, as far as it concerns what the caller sees. */
export function describeRules(object: VisibleObject, whole: CatalogueObject | undefined, detail: RulesDetail): Told {
  const types = (object.recordTypes ?? [])
    .filter(({ active }) => active)
    .map((type) => describeType(type, object, detail));
  const typesShown = fitting(detail.full ? types : types.slice(0, limits.describeRecordTypesMax), detail.bytes);
  const namesHidden = hiddenIn(object, whole);
  const rules = (object.rules ?? [])
    .filter((rule) => rule.active && concerns(rule, detail.fields))
    .flatMap((rule) => describeRule(rule, object, namesHidden));
  const left = detail.bytes - bytesOf(typesShown);
  const rulesShown = fitting(detail.full ? rules : rules.slice(0, limits.describeRulesMax), left);
  return {
    ...(typesShown.length === 0 ? {} : { record_types: typesShown }),
    ...(types.length === typesShown.length ? {} : { record_types_not_shown: types.length - typesShown.length }),
    ...(rulesShown.length === 0 ? {} : { rules: rulesShown }),
    ...(rules.length === rulesShown.length ? {} : { rules_not_shown: rules.length - rulesShown.length }),
  };
}

function fitting<Item extends object>(items: readonly Item[], bytes: number): Item[] {
  let left = bytes;
  const over = items.findIndex((item) => (left -= bytesOf(item)) < 0);
  return over < 0 ? [...items] : items.slice(0, over);
}

const concerns = (rule: NativeRule, fields: ReadonlySet<string> | null): boolean =>
  fields === null || rule.fields.some((name) => fields.has(name));

function describeType(type: RecordType, object: VisibleObject, { fields, full }: RulesDetail): RecordTypeDescription {
  const label = cleanLabel(type.label);
  const name = cleanLabel(type.name);
  let hidden = 0;
  const values: [string, readonly string[]][] = [];
  for (const [field, all] of Object.entries(type.values)) {
    if (!object.fields.has(field) || fields?.has(field) === false) continue;
    const showable = all.filter(isShowable);
    const shown = full ? showable : showable.slice(0, limits.describeValuesMax);
    hidden += all.length - shown.length;
    values.push([field, shown]);
  }
  return {
    name,
    ...(label === '' || label === name ? {} : { label }),
    ...(type.default ? { default: true } : {}),
    ...(values.length === 0 ? {} : { values: Object.fromEntries(values) }),
    ...(hidden === 0 ? {} : { values_not_shown: hidden }),
  };
}

/** Provider texts, cleaned and capped. Of a rule about hidden fields its message is left, unless that names one, too. */
function describeRule(
  rule: NativeRule,
  object: VisibleObject,
  namesHidden: (text: string | null) => boolean,
): RuleDescription[] {
  const { kind } = rule;
  const message = rule.message === null || namesHidden(rule.message) ? '' : cleanDescription(rule.message);
  // By the provider's list of fields, and by the words of name and condition: providers do not list all of them.
  const isAboutHidden =
    rule.fields.some((name) => !object.fields.has(name)) || namesHidden(rule.name) || namesHidden(rule.condition);
  if (isAboutHidden) return message === '' ? [] : [{ kind, message }];
  const name = cleanLabel(rule.name);
  const condition = rule.condition === null ? '' : cleanDescription(rule.condition);
  return [
    {
      kind,
      ...(name === '' ? {} : { name }),
      ...(message === '' ? {} : { message }),
      ...(condition === '' ? {} : { condition }),
      ...(rule.fields.length === 0 ? {} : { fields: rule.fields }),
    },
  ];
}

/** Whether a text names a field that the object has and the caller does not see. */
function hiddenIn(object: VisibleObject, whole: CatalogueObject | undefined): (text: string | null) => boolean {
  const hidden = [...(whole?.fields.values() ?? [])].filter(({ name }) => !object.fields.has(name));
  return namesField(hidden.map(named), [...object.fields.values()].map(named));
}

const named = ({ name, title }: CatalogueField): NamedField => ({ name, label: title });
