import type { PlantedDefect } from './types.ts';

export const manifestDefects: PlantedDefect[] = [
  {
    name: 'a mapping may fill a field that the model does not have',
    file: 'src/manifest/scope.ts',
    find: 'if (!scope.broken.has(`${model.name}.${name}`)) {',
    replace: 'if (at.at !== `key` && !scope.broken.has(`${model.name}.${name}`)) {',
    suite: 'test/manifest/mistakes.test.ts',
  },
  {
    name: 'the place of a value is taken for the place of its key',
    file: 'src/manifest/document.ts',
    find: 'return length === path.length ? place[at] : place.key;',
    replace: 'return place.value;',
    suite: 'test/manifest/mistakes.test.ts',
  },
  {
    name: 'a folder that this version does not read is passed over in silence',
    file: 'src/manifest/file-kind.ts',
    find: "  if (/^integrations\\/[^/]+\\.yaml$/.test(file)) return 'integration';",
    replace:
      "  if (/^integrations\\/[^/]+\\.yaml$/.test(file)) return 'integration';\n  if (file.startsWith('policies/')) return null;",
    suite: 'test/manifest/load-project.test.ts',
  },
  {
    name: 'an agent that loses a field because it became sensitive is not told of',
    file: 'src/manifest/agent-reach.ts',
    find: 'fields.filter((field) => !field.sensitive)',
    replace: 'fields',
    suite: 'test/manifest/plan-change.test.ts',
  },
  {
    name: 'an unclosed quote is pointed to at the end of the file',
    file: 'src/manifest/yaml-causes.ts',
    find: '    place: quoteEndingAt,\n',
    replace: '',
    suite: 'test/manifest/yaml-syntax.test.ts',
  },
  {
    name: 'of the mistakes in one filter only the first is told',
    file: 'src/filter/filter-place.ts',
    find: 'if (place.mistakes === null) return parse();',
    replace: 'if (place !== null) return parse();',
    suite: 'test/manifest/yaml-syntax.test.ts',
  },
  {
    name: 'a file whose name cannot stand in for a missing one is not read on',
    file: 'src/manifest/name-from.ts',
    find: "nameFrom(stemOf(file)) ?? 'unnamed'",
    replace: 'stemOf(file)',
    suite: 'test/manifest/names.test.ts',
  },
];
