import { writeGrantFor, type Caller, type VisibleObject } from '../../access/index.ts';
import type { Operation } from '../../manifest/index.ts';
import type { ObjectDescription, OperationDescription, QueryScope } from '../types.ts';

/** What the caller may write of an object, and the operations of it that it may run; nothing where there is neither. */
export function describeWrites(
  { write, operations }: Caller,
  scope: QueryScope,
  object: VisibleObject,
): Pick<ObjectDescription, 'writes' | 'operations'> {
  const grant = write === undefined ? null : writeGrantFor(object, write);
  const declared = [...(scope.models?.get(object.name)?.operations?.values() ?? [])];
  const own = declared.filter(({ name }) => operations?.has(`${object.name}.${name}`) === true);
  return {
    ...(grant === null
      ? {}
      : { writes: { operations: grant.operations, ...(grant.fields === null ? {} : { fields: grant.fields }) } }),
    ...(own.length === 0 ? {} : { operations: own.map((each) => describeOperation(object.name, each)) }),
  };
}

function describeOperation(object: string, operation: Operation): OperationDescription {
  const { name, on, intent, why, input, safety, preconditions, stability, deprecated } = operation;
  const about = intent ?? why;
  return {
    name: `${object}.${name}`,
    on,
    ...(about === null ? {} : { why: about }),
    input: Object.fromEntries(
      [...input.values()].map(({ name: key, type, values, required, why: meaning }) => [
        key,
        {
          type,
          ...(values === null ? {} : { values }),
          ...(required ? { required: true as const } : {}),
          ...(meaning === null ? {} : { why: meaning }),
        },
      ]),
    ),
    safety,
    ...(preconditions.length === 0 ? {} : { preconditions: preconditions.map(({ text }) => text) }),
    ...(stability === 'stable' ? {} : { stability }),
    ...(deprecated === null ? {} : { deprecated: { use: deprecated.replacedBy } }),
  };
}
