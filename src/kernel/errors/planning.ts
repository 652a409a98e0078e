import { family, type ErrorSpec } from './spec.ts';

/** A mistake in what was asked for: the same fails again, the agent can correct it. */
const mistake = (meaning: string, fix: string, status: ErrorSpec['status'] = 422): ErrorSpec => ({
  status,
  retry: 'never',
  who: 'agent',
  meaning,
  fix,
});

/** Somebody else decides whether it may be so. */
const right = (meaning: string, fix: string, who: ErrorSpec['who'] = 'product_team'): ErrorSpec => ({
  status: 403,
  retry: 'after_fix',
  who,
  meaning,
  fix,
});

/** Preparing a write. The same codes stand in a plan's `problems`, each with its place in the request. */
export const planningErrors = family({
  write_not_granted: right(
    "The agent's grant does not let it write this object so.",
    'Use an operation that it has, or have the product team add it under `write` or `operations` of the grant.',
  ),
  write_field_not_granted: right(
    "The agent's grant does not let it write this field.",
    'Leave the field out, or have the product team add it to `write` of the grant.',
  ),
  write_out_of_scope: right(
    'No integration of this customer lets anybody write this object so.',
    'Have the product team add a `write` block to the object, and the object to `scope.write` of its integration.',
  ),
  write_not_permitted: right(
    'The system that would be written to does not let the user do this: make, change or delete such a record, or set the field.',
    'Leave it out, or have an administrator of that system give the user the right; somebody who has it may do it, too.',
    'end_user',
  ),
  write_rights_unknown: right(
    'The call is in the name of a user, and nobody can tell whether the system lets that user do this, so it is not done.',
    'Do what `fix` says: `data.who` can change it.',
    'operator',
  ),
  write_unsupported: {
    status: 422,
    retry: 'never',
    who: 'product_team',
    meaning: 'The connector cannot write this object so.',
    fix: 'Use another operation, or write it in the system itself.',
  },
  write_system_unavailable: {
    status: 409,
    retry: 'after_fix',
    who: 'operator',
    meaning: 'The connection that would be written to is not signed in, or is paused.',
    fix: 'See list_connections: somebody has to sign in there again, or resume it.',
  },
  write_system_ambiguous: mistake(
    'Several systems of this customer could be written to, and none of them decides.',
    'Name one as `to`.',
  ),
  write_too_large: mistake('A plan has more records than one may have.', 'Prepare several plans.'),
  write_shape_invalid: mistake(
    'A record of the request does not have what its operation needs, or has what it has no use for.',
    'Write it as the message shows.',
  ),
  write_record_unknown: mistake(
    'There is no such record that the caller may see and write.',
    'Give a `_ref` of an answer, a native id, or find the record with query_records.',
  ),
  write_record_ambiguous: mistake(
    'Several records answer to what is said of this one.',
    'Name it by its `_ref`, or match by a field that is different in each record.',
  ),
  write_record_twice: mistake('The same record stands twice in one request.', 'Put both changes into one.'),
  write_field_twice: mistake(
    'Two fields of a record are kept in one field of the system, and their values differ.',
    'Leave one of the two out.',
  ),
  write_field_unknown: mistake(
    'The object has no field of that name for the caller.',
    'Use one of the suggestions; describe lists the fields.',
  ),
  write_field_read_only: mistake(
    'The field cannot be written: the source computes it, keeps it, or the mapping leads one way only.',
    'Leave it out.',
  ),
  write_field_unmapped: {
    status: 422,
    retry: 'after_fix',
    who: 'product_team',
    meaning: 'No native field of this customer takes the value, and the integration says that this is an error.',
    fix: 'Leave it out, or have it mapped, or have `unmapped` of the object say what shall become of it.',
  },
  write_field_guarded: mistake(
    'An overwrite guard keeps what stands in the field.',
    'Leave it out, or change the record in the system itself.',
  ),
  write_value_invalid: mistake('The value does not fit the type of its field.', 'Write a value of the type named.'),
  write_value_missing: mistake('A field that a record needs has no value.', 'Give it a value.'),
  write_value_too_long: mistake('The value is longer than its field, or has more digits.', 'Shorten it.'),
  write_value_not_allowed: mistake(
    'The value is none of those that the field takes in this record.',
    'Use one of the values named.',
  ),
  write_reference_unknown: mistake(
    'The record that the value leads to is not there for the caller.',
    'Find it with query_records first.',
  ),
  write_value_duplicate: mistake(
    'Another record has this value already, and the field does not take it twice.',
    'Update that record instead, or choose another value.',
  ),
  write_nothing_changes: mistake(
    'Every value is what stands there already, so that there is nothing to write.',
    'Nothing has to be done.',
  ),
  write_precondition_failed: mistake(
    'The operation asks for something of the record that is not so.',
    'See to it first; the message says what.',
  ),
  intent_unsupported: {
    status: 422,
    retry: 'after_fix',
    who: 'product_team',
    meaning: 'The system has no way to do this, or the caller is not shown what it is done with.',
    fix: 'Have one of the systems in `allowed` do it, named as `to`.',
  },
  operation_unknown: mistake(
    'There is no operation of that name for the caller.',
    'Write a name that describe lists for the model; `suggestions`, where given, come near.',
    404,
  ),
  operation_refused: mistake(
    "The product team's operation says that it cannot be done so; its words are the message.",
    'See to what the message says, or choose other records or input.',
  ),
  operation_failed: {
    status: 500,
    retry: 'after_fix',
    who: 'product_team',
    meaning:
      "The product team's operation in TypeScript has thrown an error; `where` is the place in its file. Nothing was written.",
    fix: 'Have the product team correct the operation and apply the project again.',
  },
  operation_timeout: {
    status: 500,
    retry: 'after_fix',
    who: 'product_team',
    meaning:
      "The product team's operation in TypeScript took too long, or too much memory, and was ended. Nothing was written.",
    fix: 'Ask for fewer records, or have the product team correct the operation.',
  },
  operation_result_invalid: {
    status: 500,
    retry: 'after_fix',
    who: 'product_team',
    meaning:
      "The product team's operation in TypeScript returned what is no list of writes, or writes that it does not declare.",
    fix: 'Have the product team return writes as prepare_write takes them, of objects and operations under `writes`.',
  },
});
