import { spawn } from 'node:child_process';
import type { Verdict } from '../checker/verdict.ts';
import type { Stage } from './open-stage.ts';

export interface CheckOptions {
  readonly withinS: number;
  readonly looks: number | null;
  /** Everything is to have arrived; else only what may never happen is judged. */
  readonly arrived: boolean;
}

/** Lets the checker, a program of its own, judge what is there. */
export async function check(stage: Stage, { withinS, looks, arrived }: CheckOptions): Promise<Verdict> {
  stage.writeFacts();
  const words = [stage.built.checker, '--facts', stage.factsFile, '--within', String(withinS)];
  if (looks !== null) words.push('--looks', String(looks));
  if (!arrived) words.push('--under-way');
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  await new Promise((resolve) => {
    child.once('close', resolve);
  });
  const line = out.trim().split('\n').at(-1) ?? '';
  if (!line.startsWith('{')) throw new Error(`the checker said nothing: ${err.slice(-2_000)}`);
  const verdict = JSON.parse(line) as Verdict;
  const first = verdict.findings[0];
  const seconds = (verdict.convergedMs / 1_000).toFixed(1);
  const last = verdict.waitedFor === null ? '' : `; last: ${verdict.waitedFor}`;
  stage.timeline.note(
    'checker',
    first === undefined
      ? `all is as it should be after ${seconds} s${last}`
      : `${first.invariant}: ${first.what} (${String(verdict.findings.length)} findings)`,
  );
  return verdict;
}
