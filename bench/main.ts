/**
 * `npm run bench -- <name>... [--quick] [--records N] [--tenants N] [--check] [--json]`: measures, prints, and keeps the figures in
 * bench/results. With `--check` it fails when a ratio misses its target.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { loneBenches, stageBenches, type StageBench } from './benches.ts';
import { machineFacts, type Figure } from './figure.ts';
import { loadedStage } from './loaded-stage.ts';
import { judge, missedRatios, renderVerdict, type JudgedFigure, type Target } from './targets.ts';

const usage = 'npm run bench -- <name>... [--quick] [--records N] [--tenants N] [--check] [--json]';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    /** Of the tenant that is asked, and how many tenants: `--quick` and the full run have numbers of their own. */
    records: { type: 'string' },
    tenants: { type: 'string' },
  },
});

async function main(): Promise<number> {
  const known = { ...stageBenches, ...loneBenches };
  const sizes = { records: sizeOf(values.records), tenants: sizeOf(values.tenants) };
  const countOk = [sizes.records, sizes.tenants].every((size) => size === null || (Number.isInteger(size) && size > 0));
  if (positionals.length === 0 || positionals.some((name) => known[name] === undefined) || !countOk) {
    console.error(usage);
    for (const [name, { about }] of Object.entries(known)) console.error(`  ${name.padEnd(10)} ${about}`);
    return 2;
  }
  const { quick } = values;
  let missed = 0;
  for (const [name, { targets, run }] of Object.entries(loneBenches)) {
    if (positionals.includes(name)) missed += await keep(name, targets, run(quick, sizes));
  }
  const staged = Object.entries(stageBenches).filter(([name]) => positionals.includes(name));
  if (staged.length > 0) missed += await onOneStage(staged, sizes.records ?? (quick ? 100_000 : 1_000_000));
  return values.check && missed > 0 ? 1 : 0;
}

const sizeOf = (text: string | undefined): number | null => (text === undefined ? null : Number(text));

async function onOneStage(benches: readonly (readonly [string, StageBench])[], records: number): Promise<number> {
  const { quick } = values;
  const loaded = await loadedStage(records, quick ? 20 : 200);
  try {
    let missed = await keep('stage', [], loaded.figures());
    for (const [name, { targets, measure }] of benches) missed += await keep(name, targets, measure(loaded, quick));
    return missed;
  } finally {
    await loaded.close();
  }
}

/** Prints each figure as it comes, and writes all of a bench to its file. Returns how many ratios missed their target. */
async function keep(name: string, targets: readonly Target[], measured: AsyncIterable<Figure>): Promise<number> {
  const figures: JudgedFigure[] = [];
  for await (const each of measured) {
    const judged = judge(each, targets);
    figures.push(judged);
    console.log(values.json ? JSON.stringify(judged) : line(judged));
  }
  const folder = new URL('./results/', import.meta.url);
  await mkdir(folder, { recursive: true });
  const { quick, records, tenants } = values;
  const result = { bench: name, quick, at: new Date().toISOString(), machine: machineFacts(), figures };
  const variant = [records ?? [], tenants ?? [], quick ? 'quick' : []].flat().map((part) => `.${part}`);

  await writeFile(new URL(`${name}${variant.join('')}.json`, folder), `${JSON.stringify(result, null, 2)}\n`);
  return figures.flatMap(missedRatios).length;
}

function line(each: JudgedFigure): string {
  const floor = each.floor_p50 === null ? '' : `  floor ${String(each.floor_p50)}  ratio ${String(each.ratio)}`;
  const p99 = each.p99 === null ? '' : `  p99 ${String(each.p99)}`;
  const verdicts = each.targets.map((verdict) => `  [${renderVerdict(verdict)}]`).join('');
  return `${each.bench}  ${each.case}: p50 ${String(each.p50)} ${each.unit}${p99}${floor}${verdicts}`;
}

process.exitCode = await main();
