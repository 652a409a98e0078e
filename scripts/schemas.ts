/** Writes docs/schemas/*.json, which editors check project files with; `--check` fails when they are out of date. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { format, resolveConfig } from 'prettier';
import { projectSchemas } from '../src/manifest/index.ts';

const directory = new URL('../docs/schemas/', import.meta.url);
const style = await resolveConfig(new URL('../package.json', import.meta.url));

await mkdir(directory, { recursive: true });
for (const [name, schema] of Object.entries(projectSchemas())) {
  const path = new URL(`${name}.json`, directory);
  const wanted = await format(JSON.stringify(schema), { ...style, parser: 'json' });
  if (!process.argv.includes('--check')) {
    await writeFile(path, wanted);
  } else if ((await readFile(path, 'utf8').catch(() => '')) !== wanted) {
    console.error(`docs/schemas/${name}.json is out of date: npm run docs`);
    process.exitCode = 1;
  }
}
