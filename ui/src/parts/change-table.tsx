import type { ReactNode } from 'react';

export interface ShownField {
  readonly field: string;
  readonly before: string;
  readonly after: string;
}

/** Of one record, each field as it is and as it would be. */
export function ChangeTable({
  what,
  fields,
}: {
  readonly what: string;
  readonly fields: readonly ShownField[];
}): ReactNode {
  return (
    <table className="changes">
      <caption>{what}</caption>
      <thead>
        <tr>
          <th scope="col">Field</th>
          <th scope="col">Before</th>
          <th scope="col">After</th>
        </tr>
      </thead>
      <tbody>
        {fields.map(({ field, before, after }) => (
          <tr key={field}>
            <th scope="row">{field}</th>
            <td>
              <del>{before}</del>
            </td>
            <td>
              <ins>{after}</ins>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Any value as text: nothing of a customer's is ever markup. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined || value === '') return '(empty)';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
