import { limits } from '../../src/kernel/index.ts';
import { ask, type Asked } from '../stage/ask.ts';
import type { SecurityStage } from '../stage/security-stage.ts';
import type { Tally } from '../suite.ts';

/** Who asks too often is told when to come again, and nobody else notices. */
export async function rates(stage: SecurityStage, tally: Tally): Promise<void> {
  // Sixty calls in a minute, by its grant; over two minutes' windows at most twice as many.
  const key = await stage.acme.keyFor('support-intern');
  const asking = () => ask(stage, key, 'POST', '/v1/query', { object: 'account', limit: 1 });
  const answers: Asked[] = [await asking()];
  while (answers.length < 130) answers.push(...(await Promise.all(Array.from({ length: 10 }, asking))));
  const codes = answers.map(({ status }) => status);
  // Not one more call: the next minute may have begun.
  const refused = answers.filter(({ status }) => status === 429);
  tally.check(
    codes[0] === 200 && refused.length > 0,
    () => `130 calls of an agent with 60 a minute: ${[...new Set(codes)].join(', ')}`,
  );
  const silent = refused.find(({ text }) => !text.includes('retry'));
  tally.check(silent === undefined, () => `no word of when to come again: ${silent?.text ?? ''}`);
  const other = await ask(stage, stage.keys['acme/thief'], 'POST', '/v1/query', { object: 'account', limit: 1 });
  tally.check(other.status === 200, () => `another agent is refused with it: ${other.text}`);
  // Sign-ins are begun by anybody.
  const begun: number[] = [];
  for (let call = 0; call < limits.signInsPerMinute * 2 + 10; call += 1) {
    begun.push((await ask(stage, '', 'GET', '/oauth/auth?client_id=x&response_type=code')).status);
  }
  tally.check(begun.includes(429), () => `sign-ins without end: ${[...new Set(begun)].join(', ')}`);
}
