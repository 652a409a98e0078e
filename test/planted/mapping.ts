import type { PlantedDefect } from './types.ts';

export const mappingDefects: PlantedDefect[] = [
  {
    name: 'a look-up by a key that is there twice multiplies records',
    file: 'src/mapping/mapping-sql.ts',
    find: 'select distinct on (k) ${key} as k',
    replace: 'select ${key} as k',
    suite: 'test/mapping/views.test.ts',
  },
  {
    name: 'a decimal is cut instead of rounded in TypeScript',
    file: 'src/mapping/transforms/to-model.ts',
    find: 'const units = roundHalfAway((x as number) * 10 ** scale);',
    replace: 'const units = Math.trunc((x as number) * 10 ** scale);',
    suite: 'test/mapping/transforms-agree.test.ts',
  },
  {
    name: 'a value map keeps in SQL what it drops in TypeScript',
    file: 'src/mapping/transforms/step-stage.ts',
    find: "return otherwise === 'keep' ? `coalesce(${mapped}, ${x})` : mapped;",
    replace: 'return `coalesce(${mapped}, ${x})`;',
    suite: 'test/mapping/transforms-agree.test.ts',
  },
  {
    name: 'a reference counts as unique though two connections feed its target',
    file: 'src/mapping/catalogue-objects.ts',
    find: 'if (only === undefined || others.length > 0) return false;',
    replace: 'if (only === undefined || others.length > 9) return false;',
    suite: 'test/mapping/catalogue.test.ts',
  },
  {
    name: 'labels from upstream keep characters that turn the reading direction',
    file: 'src/mapping/clean-text.ts',
    find: '/[\\p{Cc}\\p{Cf}\\p{Co}\\p{Cn}\\p{Cs}\\u2028\\u2029]/gu',
    replace: '/[\\p{Cc}\\u2028\\u2029]/gu',
    suite: 'test/mapping/views.test.ts',
  },
];
