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
});
