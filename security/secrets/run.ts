import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newTally, type Suite } from '../suite.ts';

/** What the process tells that held the secrets. */
export interface Held {
  /** By what they are. */
  readonly secrets: Readonly<Record<string, string>>;
  /** How many answers were looked at. */
  readonly answers: number;
  readonly places: Readonly<Record<string, string>>;
}

/** No secret is in logs, dumps, files, answers, errors or what a crash writes. */
export const secrets: Suite = {
  name: 'secrets',
  what: 'a canary for each credential, searched in logs, database, files, answers and a crash',
  run: async ({ impatient }) => {
    const tally = newTally({ impatient });
    const dir = await mkdtemp(join(tmpdir(), 'gantry-secrets-'));
    try {
      const { held, output, code } = await hold(dir);
      if (held === null) throw new Error(`nothing was held: ${output.slice(-1_500)}`);
      const places: Record<string, string> = { ...held.places, 'logs and crash': output };
      for (const [name, text] of await filesIn(dir)) places[`file ${name}`] = text;
      for (const [name, secret] of Object.entries(held.secrets)) {
        if (secret.length < 12) throw new Error(`${name} is no secret: "${secret}"`);
        for (const [place, text] of Object.entries(places)) {
          const form = forms(secret).find((written) => text.includes(written));
          tally.check(form === undefined, () => `${name} is in ${place}: ${around(text, form ?? '')}`);
        }
      }
      tally.check(held.answers > 40, () => `only ${String(held.answers)} answers were looked at`);
      tally.check(code !== 0 && output.includes('the end of a process'), () => 'the process did not crash');
      tally.check(
        Object.keys(held.secrets).some((name) => name.startsWith('provider token')),
        () => 'no provider gave a token',
      );
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
    return tally.result();
  },
};

/** As a log or a file may have it. */
const forms = (secret: string): string[] => [
  secret,
  encodeURIComponent(secret),
  Buffer.from(secret).toString('base64').replace(/=+$/, ''),
  Buffer.from(secret).toString('hex'),
];

const around = (text: string, found: string): string => {
  const at = text.indexOf(found);
  return JSON.stringify(
    `${text.slice(Math.max(0, at - 120), at)}<secret>${text.slice(at + found.length, at + found.length + 40)}`,
  );
};

async function hold(
  dir: string,
): Promise<{ readonly held: Held | null; readonly output: string; readonly code: number | null }> {
  const words = ['--import', 'tsx', new URL('holder.ts', import.meta.url).pathname, dir];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  const give = (): void => void child.kill('SIGTERM');
  process.once('SIGTERM', give);
  let [held, output]: [Held | null, string] = [null, ''];
  child.on('message', (told) => {
    held = told as Held;
  });
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => {
    child.once('close', resolve);
  });
  process.off('SIGTERM', give);
  return { held, output, code };
}

/** Everything on disk: the embedded database with its log, lens files. Latin-1, so that no byte is lost. */
async function filesIn(dir: string): Promise<readonly (readonly [name: string, text: string])[]> {
  const found: (readonly [string, string])[] = [];
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    found.push([path.slice(dir.length + 1), (await readFile(path)).toString('latin1')]);
  }
  const kind = (name: string): string => (name.includes('.duckdb') || name.includes('lens') ? 'lens' : 'data');
  return ['lens', 'data'].map((of) => [
    of,
    found
      .filter(([name]) => kind(name) === of)
      .map(([, text]) => text)
      .join('\n'),
  ]);
}
