import { withDerived, type Intent, type IntentInput } from '../../connectors/index.ts';
import { GantryError, limits, suggest, type Json } from '../../kernel/index.ts';
import { stepResult } from '../steps/step-result.ts';
import { fitsInput } from '../plan/fits-input.ts';
import type { OperationRequest } from '../plan/operation-request.ts';

/** One record of a request, its input checked and completed by what follows from it. */
export interface IntentRecord {
  readonly item: number;
  /** Of the record that is updated. */
  readonly id: string | null;
  readonly input: ReadonlyMap<string, Json>;
}

/** Raises `bad_request`, which tells the whole input of the intent. */
export function readInput(
  intent: Intent,
  request: OperationRequest['records'][number],
  { item, inSteps }: { readonly item: number; readonly inSteps: boolean },
): IntentRecord {
  const { id, match, input = {} } = request;
  const at = `records[${String(item)}]`;
  const wrong = (
    where: string,
    message: string,
    more: { readonly suggestions?: readonly string[] } = {},
  ): GantryError => new GantryError('bad_request', { message, where, ...more, data: { input: told(intent) } });
  if (match !== undefined) throw wrong(`${at}.match`, `${intent.name} takes no \`match\`.`);
  const isNamed = intent.on === 'update';
  if (isNamed !== (id !== undefined)) {
    throw wrong(
      `${at}.id`,
      isNamed ? `${intent.name} needs the \`id\` of the record.` : `${intent.name} takes no \`id\`.`,
    );
  }
  for (const name of Object.keys(input)) {
    if (Object.hasOwn(intent.input, name)) continue;
    const suggestions = suggest(name, Object.keys(intent.input));
    throw wrong(`${at}.input.${name.slice(0, 100)}`, `${intent.name} has no input "${name.slice(0, 100)}".`, {
      suggestions,
    });
  }
  const given = new Map<string, Json>();
  for (const [name, declared] of Object.entries(intent.input)) {
    const value = input[name] ?? null;
    const isResult = inSteps && declared.type === 'string' && stepResult(value) !== null;
    if (value !== null && !isResult && !fits(declared, value)) {
      const takes = declared.values === undefined ? typeText[declared.type] : `one of ${declared.values.join(', ')}`;
      throw wrong(`${at}.input.${name}`, `"${name}" of ${intent.name} is ${takes}.`);
    }
    if (value !== null && value !== '') given.set(name, value);
    else if (declared.required === true) throw wrong(`${at}.input.${name}`, `${intent.name} needs "${name}".`);
  }
  return { item, id: id ?? null, input: withDerived(given) };
}

const typeText: Readonly<Record<IntentInput['type'], string>> = {
  string: 'a text',
  date: 'a day such as 2026-11-20',
  datetime: 'a moment such as 2026-11-20T14:00:00Z',
  integer: `a whole number from 1 to ${String(limits.intentMinutesMax)}`,
  enum: 'one of its values',
  record: 'the `_ref` of a record, such as crm/Account/001...',
};

function fits({ type, values }: IntentInput, value: Json): boolean {
  switch (type) {
    case 'record':
      return typeof value === 'string' && refOf(value) !== null;
    case 'integer':
      return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= limits.intentMinutesMax;
    case 'date':
    case 'datetime':
      return typeof value === 'string' && fitsInput({ type, values: null }, value) && !Number.isNaN(Date.parse(value));
    default:
      return fitsInput({ type, values: values ?? null }, value);
  }
}

/** A record of a system, as answers name it. */
export interface RecordRef {
  readonly slug: string;
  readonly object: string;
  readonly id: string;
}

/** Ids may have slashes; names of connections and objects have none. */
export function refOf(text: string): RecordRef | null {
  const [slug = '', object = '', ...rest] = text.split('/');
  const id = rest.join('/');
  return slug === '' || object === '' || id === '' || text.length > 400 ? null : { slug, object, id };
}

/** What an intent takes, as agents are told of it. */
const told = ({ input }: Intent): { readonly [name: string]: Json } =>
  Object.fromEntries(
    Object.entries(input).map(([name, { type, values, required, why }]) => [
      name,
      {
        type,
        ...(values === undefined ? {} : { values: [...values] }),
        ...(required === undefined ? {} : { required }),
        ...(why === undefined ? {} : { why }),
      },
    ]),
  );
