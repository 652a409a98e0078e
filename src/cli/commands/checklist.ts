import type { JsonObject } from '../../kernel/index.ts';
import { readArguments } from '../arguments.ts';
import type { Command } from '../command.ts';
import { rowsIn, said } from '../object-text.ts';
import { askServer } from '../operator-client.ts';

const usage = 'checklist [--tenant SLUG] [--json]';

export const checklist: Command = {
  name: 'checklist',
  usage,
  summary: 'what has to hold before agents write in earnest, with evidence: 0 where all of it does, else 1',
  run: async ({ args, env, out }) => {
    const read = readArguments(args, usage, { tenant: { type: 'string' }, json: { type: 'boolean' } });
    const tenant = read.values['tenant'];
    const query = typeof tenant === 'string' ? `?${new URLSearchParams({ tenant }).toString()}` : '';
    const answer = await askServer(env, { method: 'GET', path: `/v1/checklist${query}` });
    const tenants = rowsIn(answer['tenants']);
    if (read.values['json'] === true) out(JSON.stringify(answer));
    else if (tenants.length === 0) out('There is no tenant to launch for.');
    else for (const each of tenants) for (const line of linesOf(each)) out(line);
    return answer['pass'] === true ? 0 : 1;
  },
};

function linesOf({ tenant, lines }: JsonObject): string[] {
  const checked = rowsIn(lines);
  const passed = checked.filter(({ pass }) => pass === true).length;
  return [
    `${said(tenant)}: ${String(passed)} of ${String(checked.length)} hold`,
    ...checked.flatMap(({ pass, title, evidence, fix }) => [
      `  ${pass === true ? 'pass' : 'FAIL'}  ${said(title)}`,
      ...(Array.isArray(evidence) ? evidence.map((each) => `        ${said(each)}`) : []),
      ...(fix === '' ? [] : [`        -> ${said(fix)}`]),
    ]),
  ];
}
