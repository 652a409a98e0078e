import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const log = fileURLToPath(new URL('../../src/app/index.ts', import.meta.url));

/** What a process writes to its log that tells of one call of a tool by each of these users. */
function logged(key: string, users: readonly string[]): Promise<string[]> {
  const script = `
    import { createLog, logNames } from ${JSON.stringify(log)};
    const key = ${JSON.stringify(key)};
    const emit = key === '' ? createLog('debug', 'at_once') : createLog('debug', 'at_once', logNames(Buffer.from(key)));
    for (const principal of ${JSON.stringify(users)})
      emit({ kind: 'tool_called', requestId: 'r', tenant: 'acme', agent: 'a', principal, tool: 't', durationMs: 1,
        errorCode: null, cause: null });
  `;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script]);
  let text = '';
  child.stderr.on('data', (data: Buffer) => (text += data.toString()));
  return new Promise((resolve) => {
    child.once('close', () => resolve(text.trim().split('\n')));
  });
}

const users = (lines: readonly string[]): unknown[] =>
  lines.map((line) => (JSON.parse(line) as { readonly principal: unknown }).principal);

describe('users of the product in logs', { timeout: 300_000 }, () => {
  it('are told apart by who has the master key, and named nowhere', async () => {
    const people = ['jane@example.com', 'john@example.com', 'jane@example.com'];
    const [own, other, none] = await Promise.all([logged('k1', people), logged('k2', people), logged('', people)]);
    for (const lines of [own, other, none]) {
      expect(lines).toHaveLength(3);
      expect(lines.join('')).not.toContain('example.com');
    }
    const [jane, john, again] = users(own);
    expect(jane).toMatch(/^user_[0-9a-f]{16}$/);
    expect(again).toBe(jane);
    expect(john).not.toBe(jane);
    expect(users(other)).not.toContain(jane);
    expect(users(none)).toEqual(['user', 'user', 'user']);
  });
});
