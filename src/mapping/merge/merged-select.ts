import type { MergeView, ViewPart } from '../catalogue.ts';
import { partSelect } from '../part-select.ts';
import { groupsSql } from '../restrict/groups-sql.ts';
import { quoteName } from '../sql-text.ts';

/**
 * One row per thing. The record of the part that decides most gives the row
 * its `_stream` and `_id`; the others of its group are joined to it where a
 * wanted column may come from them, and are no rows of their own. The row's
 * `_at` is the latest of its records', which takes all of them: it is there
 * only where it is wanted.
 */
export function mergedSelect(parts: readonly ViewPart[], merge: MergeView, wanted: ReadonlySet<string> | null): string {
  return parts.map((_, head) => headSelect(parts, merge, head, wanted)).join('\nunion all by name\n');
}

function headSelect(
  parts: readonly ViewPart[],
  merge: MergeView,
  head: number,
  wanted: ReadonlySet<string> | null,
): string {
  const part = partAt(parts, head);
  const columns = part.columns.map(({ name }) => name).filter((name) => wanted === null || wanted.has(name));
  // Records of earlier parts would have been the head.
  const fillers = new Map(columns.map((name) => [name, (merge.order.get(name) ?? []).filter((at) => at >= head)]));
  const dated = wanted === null || wanted.has('_at');
  const members = dated ? parts.map((_, at) => at).filter((at) => at > head) : [...fillers.values()].flat();
  const joined = new Set(members.filter((at) => at !== head));
  const latest = ['h', ...[...joined].map((at) => `m${at}`)].map((alias) => `${alias}."_at"`).join(', ');
  const at = dated ? [joined.size === 0 ? 'h."_at"' : `greatest(${latest}) as "_at"`] : [];
  const values = columns.map((name) => `${valueSql(name, fillers.get(name) ?? [], head, merge)} as ${quoteName(name)}`);
  const lines = [
    `select ${['h."_stream"', 'h."_id"', ...at, ...values].join(', ')}`,
    `from (${partSelect(part, wanted)}) h`,
  ];
  if (head > 0 || joined.size > 0) lines.push(`left join ${groupsSql(parts, merge, head)} g on g.p${head} = h."_id"`);
  for (const member of joined) {
    const own = new Set(columns.filter((name) => fillers.get(name)?.includes(member) === true));
    lines.push(`left join (${partSelect(partAt(parts, member), own)}) m${member} on m${member}."_id" = g.p${member}`);
  }
  if (head > 0) lines.push(`where ${earlier(head)}`);
  return lines.join('\n');
}

const earlier = (head: number): string => Array.from({ length: head }, (_, at) => `g.p${at} is null`).join(' and ');

/** The first value that is there; an empty one only where nobody has another. */
function valueSql(name: string, fillers: readonly number[], head: number, merge: MergeView): string {
  const of = (at: number): string => `${at === head ? 'h' : `m${at}`}.${quoteName(name)}`;
  const values = fillers.map(of);
  const [only = of(head), ...others] = values;
  if (others.length === 0) return only;
  if (!merge.emptied.has(name)) return `coalesce(${values.join(', ')})`;
  const filled = values.map((value) => `case when len(${value}) > 0 then ${value} end`);
  return `coalesce(${[...filled, ...values].join(', ')})`;
}

/** Each record with the row that it became part of. */
export function sourcesSelect(parts: readonly ViewPart[], merge: MergeView, wanted: ReadonlySet<string>): string {
  return parts
    .map((part, own) => {
      const columns = part.columns.map(({ name }) => name).filter((name) => wanted.has(name));
      const before = parts.slice(0, own);
      const streams = before.map(({ stream }, at) => `when g.p${at} is not null then ${stream}`);
      const rowStream = before.length === 0 ? 's."_stream"' : `case ${streams.join(' ')} else s."_stream" end`;
      const ids = [...before.map((_, at) => `g.p${at}`), 's."_id"'];
      const selected = [
        `${rowStream} as "_row_stream"`,
        `coalesce(${ids.join(', ')}) as "_row_id"`,
        's."_stream"',
        's."_id"',
        ...columns.map((name) => `s.${quoteName(name)}`),
      ];
      const join = own === 0 ? '' : `\nleft join ${groupsSql(parts, merge, own)} g on g.p${own} = s."_id"`;
      return `select ${selected.join(', ')}\nfrom (${partSelect(part, wanted)}) s${join}`;
    })
    .join('\nunion all by name\n');
}

function partAt(parts: readonly ViewPart[], index: number): ViewPart {
  const part = parts[index];
  if (part === undefined) throw new Error(`no part ${index}`);
  return part;
}
