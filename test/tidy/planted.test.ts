import { readdir, readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import type { PlantedDefect } from '../planted/types.ts';

const root = new URL('../..', import.meta.url);

// Planting them takes minutes; that one cannot be planted any more shows at once.
it('every planted defect still finds its text, once, and the suite that must notice it', async () => {
  const names = (await readdir(new URL('test/planted/', root))).filter((name) => name !== 'types.ts');
  const modules = await Promise.all(
    names.map(
      (name) => import(new URL(`test/planted/${name}`, root).href) as Promise<Record<string, readonly PlantedDefect[]>>,
    ),
  );
  const defects = modules.flatMap((module) => Object.values(module)).flat();
  expect(defects.length).toBeGreaterThan(100);

  const stale: string[] = [];
  for (const { name, file, find, suite } of defects) {
    const text = await readFile(new URL(file, root), 'utf8');
    const places = text.split(find).length - 1;
    if (places !== 1) stale.push(`${name}: its text stands ${String(places)} times in ${file}`);
    if (!suite.startsWith('npm:')) await readFile(new URL(suite, root));
  }
  expect(stale).toEqual([]);
});
