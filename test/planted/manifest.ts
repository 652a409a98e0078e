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
];
