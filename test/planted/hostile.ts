import type { PlantedDefect } from './types.ts';

export const hostileDefects: PlantedDefect[] = [
  {
    name: 'a feed whose cursors go in a circle is read for ever',
    file: 'src/connectors/kit/trail.ts',
    find: 'place === before.mark',
    replace: "place === ''",
    suite: 'test/hostile/endless-feeds.test.ts',
  },
  {
    name: 'a link in a project shows a file of the machine',
    file: 'src/manifest/read-project.ts',
    find: '!full.startsWith(root.endsWith(sep) ? root : root + sep)',
    replace: "full === ''",
    suite: 'test/hostile/mutated-project.test.ts',
  },
  {
    name: 'an overlay shows what is sensitive by a look-up from another object',
    file: 'src/manifest/kept-sensitive.ts',
    find: 'kept.find(({ native }) => shown.has(textOf(native)))',
    replace: 'kept.find(({ native }) => native.object === object && shown.has(textOf(native)))',
    suite: 'test/hostile/widening-overlays.test.ts',
  },
  {
    name: 'the page of a firewall ends a grant',
    file: 'src/connectors/kit/auth-call.ts',
    find: "if (status >= 400 && isJsonObject(value) && Object.hasOwn(value, 'error')) {",
    replace: "if (status >= 400) {\n    if (!isJsonObject(value)) return { kind: 'refused', reason: 'other' };",
    suite: 'test/hostile/token-endpoints.test.ts',
  },
  {
    name: 'bulk results without a column that was asked for empty the field',
    file: 'src/connectors/salesforce/bulk-csv.ts',
    find: ' || object.fields.some(({ name }) => !named.has(name))',
    replace: '',
    suite: 'test/hostile/odd-documents.test.ts',
  },
];
