import { family, type ErrorSpec } from './spec.ts';

/** A mistake in a request: the same call fails again, the agent can correct it. */
const mistake = (meaning: string, fix: string, status: ErrorSpec['status'] = 422): ErrorSpec => ({
  status,
  retry: 'never',
  who: 'agent',
  meaning,
  fix,
});

/** Names are looked up among what the caller may see, so these tell nothing about the rest. */
export const queryErrors = family({
  query_object_unknown: mistake(
    'No object of that name is visible to the caller.',
    'Write a name that search_catalog lists; `suggestions`, where given, come near.',
    404,
  ),
  query_field_unknown: mistake(
    'The object has no visible field, relation or output column of that name.',
    'Write a name that describe lists; `suggestions`, where given, come near.',
  ),
  query_shape_invalid: mistake(
    'A part of the request does not have the shape that this place expects.',
    'Write it as the message shows.',
  ),
  query_op_invalid: mistake(
    'The operator does not exist or does not fit the type of the field.',
    'Use one of `allowed`.',
  ),
  query_value_invalid: mistake(
    'The value does not fit the operator or the type of the field.',
    'Write the value as the message says.',
  ),
  query_value_not_allowed: mistake(
    'The field can never hold that value: its values are a closed list.',
    'Use one of `allowed`; an unknown value would silently match nothing.',
  ),
  query_too_large: mistake(
    'The request has more parts or deeper nesting than the limit.',
    'Split it or write it more simply.',
    413,
  ),
  query_currency_mixed: mistake(
    'Amounts in different currencies would be added or compared as if they were one.',
    'Compute each currency on its own.',
  ),
  query_currency_rate_missing: {
    status: 422,
    retry: 'after_fix',
    who: 'product_team',
    meaning: 'Amounts cannot be converted: a currency, or a day, has no rate in the policies of the project.',
    fix: 'Declare the rate in policies/*.yaml; until then compute each currency on its own.',
  },
  query_not_fresh_yet: {
    status: 503,
    retry: 'later',
    who: 'agent',
    meaning: 'The data is older than `min_as_of`, and looking upstream took longer than a call may wait.',
    fix: 'Repeat the call after `retry_at`, or accept older data by leaving `min_as_of` out.',
  },
  fresh_access_too_many: mistake(
    'With `require_fresh_access` sources are asked about each record that the answer rests on, and these are too many.',
    'Filter by fields of the object itself, ask for fewer rows or for no related records, or leave `require_fresh_access` out and mind `access_as_of`.',
  ),
  query_record_ambiguous: mistake(
    'Several records answer to that id.',
    'Use one of the references in `suggestions`.',
    409,
  ),
  cursor_invalid: mistake(
    'The cursor does not belong to this request, or what the caller may see has changed since.',
    'Repeat the request without `cursor`, from the first page.',
    410,
  ),
  sql_syntax: mistake('The statement is not SQL as DuckDB reads it.', 'Correct the spelling at the place named.'),
  sql_refused: mistake(
    'The statement contains something that agents may not use.',
    'Write one plain SELECT over the objects that describe lists.',
  ),
  sql_relation_unknown: mistake(
    'No table of that name is visible to the caller.',
    'Write a name that search_catalog lists; `suggestions`, where given, come near.',
  ),
  sql_column_unknown: mistake(
    'No table in reach has a visible column of that name.',
    'Write a name that describe lists; `suggestions`, where given, come near.',
  ),
  sql_column_ambiguous: mistake(
    'Several tables of one FROM have a column of that name.',
    'Put the alias of the table in front.',
  ),
  sql_function_refused: mistake(
    'The function is not among those that agents may use.',
    'Use plain expressions and aggregates; `suggestions`, where given, come near.',
  ),
});
