import { family, type ErrorSpec } from './spec.ts';

/** A mistake in a project's files: the team that writes them puts it right. */
const mistake = (meaning: string, fix: string): ErrorSpec => ({
  status: 422,
  retry: 'after_fix',
  who: 'product_team',
  meaning,
  fix,
});

export const manifestErrors = family({
  manifest_invalid: mistake(
    'The project has mistakes; `data.problems` lists every one with file, line and column.',
    'Correct the files; `gantry validate` checks them without applying.',
  ),
  manifest_file_missing: mistake('A file that every project has is not there.', 'Create the file that is named.'),
  manifest_file_unexpected: mistake(
    'A file lies where this version reads none, and would have been ignored.',
    'Move or remove the file.',
  ),
  manifest_file_unreadable: mistake(
    'A file could not be read, is not UTF-8, or is empty.',
    'Save it as UTF-8 text with content.',
  ),
  manifest_file_too_large: mistake('A file is larger than the limit.', 'Split it.'),
  manifest_code_syntax: mistake('An operation in TypeScript cannot be compiled.', 'Correct it at the place named.'),
  manifest_code_import: mistake(
    'An operation in TypeScript imports what it does not have: nothing but files of `operations/` and gantry/operations is there.',
    'Import a file that is there, or write it in the file.',
  ),
  manifest_code_failed: mistake(
    'An operation in TypeScript cannot be loaded, or exports no operation.',
    'Export `defineOperation({...})` as the default, and leave work to `plan`.',
  ),
  manifest_yaml_syntax: mistake('The file is not YAML.', 'Correct the spelling at the place named.'),
  manifest_yaml_unsupported: mistake(
    'YAML that this format leaves out: anchors, aliases, tags, several documents, keys that are not text.',
    'Write the value out.',
  ),
  manifest_key_duplicate: mistake('A key stands twice in one block.', 'Keep one of the two.'),
  manifest_key_unknown: mistake('A key that this block does not know.', 'Correct or remove it.'),
  manifest_key_missing: mistake('A key that this block needs is not there.', 'Add it.'),
  manifest_type_wrong: mistake('A value has the wrong type.', 'Write a value of the type named.'),
  manifest_value_invalid: mistake('A value is outside what its key accepts.', 'Use one of the accepted values.'),
  manifest_name_invalid: mistake('A name has characters that names cannot have.', 'Rename it.'),
  manifest_name_duplicate: mistake('Two things of one kind have the same name.', 'Rename one of them.'),
  manifest_model_unknown: mistake('No model has that name.', 'Correct the name, or add models/<name>.yaml.'),
  manifest_field_unknown: mistake('The model has no field or relation of that name.', 'Correct the name, or add it.'),
  manifest_connector_unknown: mistake('No connector has that name.', 'Use a connector of this installation.'),
  manifest_limit_invalid: mistake(
    'A limit on calls that the provider does not have, or beyond what it allows.',
    'Name a limit of the provider, with at most as many calls as it allows.',
  ),
  manifest_live_unsupported: mistake(
    '`live` asks for a way of telling changes that the provider does not have, for this object or at all.',
    'Use the way that the message names, or remove `live`: the schedule reads the object.',
  ),
  manifest_create_field_unsupported: mistake(
    '`unmapped: create_field` asks for a field that the provider does not make, for this object or such values.',
    'Write `error`, `skip`, or `store_in` with a native field that keeps the value.',
  ),
  manifest_tool_unknown: mistake('No tool has that name.', 'Use a tool of this version.'),
  manifest_object_unknown: mistake(
    'A grant names an object that neither is a model nor belongs to an integration.',
    'Name a model, `<integration>.<object>` or `<integration>.*`.',
  ),
  manifest_transform_unknown: mistake('No transform has that name.', 'Use one of the transforms.'),
  manifest_mapping_invalid: mistake(
    'A mapping contradicts itself or the field that it fills.',
    'Correct the mapping as the message says.',
  ),
  manifest_enum_value_unknown: mistake(
    'A value that the enum field does not list.',
    'Use a value of the field, or add it to `values`.',
  ),
  manifest_reference_invalid: mistake(
    'A reference or relation that does not lead where it says.',
    'Correct its target as the message says.',
  ),
  manifest_reference_cycle: mistake('References that lead back to themselves without an end.', 'Break the circle.'),
  manifest_filter_invalid: mistake('A filter that cannot be read or names what does not exist.', 'Correct the filter.'),
  manifest_integration_unknown: mistake(
    'No integration has that name.',
    'Correct the name, or add integrations/<name>.yaml.',
  ),
  manifest_agent_unknown: mistake('No agent has that name.', 'Correct the name, or declare the agent in gantry.yaml.'),
  manifest_saved_query_unknown: mistake(
    'No saved query has that name.',
    'Correct the name, or declare the query in policies/*.yaml.',
  ),
  manifest_query_invalid: mistake(
    'A saved query that could not be asked, or whose parameters do not fit it.',
    'Correct the query as the message says.',
  ),
  manifest_claim_invalid: mistake(
    'A `system_of_record` claim that another system makes too, or that nothing backs.',
    'Let one system decide each name, and only what it feeds.',
  ),
  manifest_scope_exceeded: mistake(
    'Something reaches outside the read scope of its integration.',
    'Widen `scope.read` of the integration, or ask for less.',
  ),
  manifest_overlay_invalid: mistake(
    'An overlay contradicts the project that it lies over, or would let agents see more than the project does.',
    'Correct the overlay as the message says.',
  ),
  manifest_change_breaks: {
    status: 409,
    retry: 'after_fix',
    who: 'product_team',
    meaning: 'Applying the project would break an agent or a tenant; `data.breaks` lists how, with the name of each.',
    fix: 'Deprecate with a `sunset` day and remove after it, or allow each by name: `--allow-breaking "field deal.stage"`.',
  },
  overlay_in_project: {
    status: 409,
    retry: 'after_fix',
    who: 'product_team',
    meaning: 'A tenant would have two overlays: one in the project and a stored one.',
    fix: 'Keep one: remove the file in tenants/, or `gantry overlay remove --tenant <slug>`.',
  },
  overlay_stale: {
    status: 409,
    retry: 'after_fix',
    who: 'operator',
    meaning:
      "The tenant's stored overlay names what the project no longer has. Until it is put right, the tenant is closed: without the overlay, agents could see more than they should.",
    fix: 'Correct it and store it again (`gantry overlay set`), or remove it.',
  },
});
