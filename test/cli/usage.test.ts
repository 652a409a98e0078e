import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { commands } from '../../src/cli/all-commands.ts';
import { readArguments } from '../../src/cli/arguments.ts';
import { GantryError } from '../../src/kernel/index.ts';

/** Options that a usage text names. */
const toldIn = (usage: string): string[] =>
  [...new Set([...usage.matchAll(/--([a-z][a-z-]*)/g)].map(([, name]) => name ?? ''))].toSorted();

describe('the usage of every command', () => {
  const ours = commands.filter(({ name }) => name !== 'sandbox');
  it.each(ours.map((command) => [command.name, command] as const))(
    'gantry %s names its options, all of them',
    async (_name, command) => {
      const run = command.run({
        args: ['--no-such-option'],
        env: {},
        out: () => undefined,
        untilAsked: async () => undefined,
      });
      // Anything else is a programmer's mistake that readArguments found, or a command that does not look at its words first.
      await expect(run).rejects.toMatchObject({
        code: 'bad_request',
        message: expect.stringContaining('--no-such-option') as string,
        details: { fix: `Usage: gantry ${command.usage}` },
      });
    },
  );

  it('gantry sandbox names what the sandboxes take', async () => {
    const source = await readFile('sandbox/read-arguments.ts', 'utf8');
    const taken = [...source.matchAll(/^\s+'?([a-z][a-z-]*)'?: \{ type: '(?:string|boolean)'/gm)].map(
      ([, name]) => name ?? '',
    );
    expect(taken.length).toBeGreaterThan(10);
    expect(toldIn(commands.find(({ name }) => name === 'sandbox')?.usage ?? '')).toEqual(taken.toSorted());
  });

  it('begins with its name, and no two have the same', () => {
    for (const { name, usage } of commands) expect(usage.startsWith(name)).toBe(true);
    expect(new Set(commands.map(({ name }) => name)).size).toBe(commands.length);
  });

  it('cannot be forgotten: an option that the text does not name is refused as a mistake, and so is one that is not there', () => {
    const options = { tenant: { type: 'string' } } as const;
    expect(() => readArguments([], 'thing', options)).toThrow(/lacks tenant/);
    expect(() => readArguments([], 'thing --tenant SLUG [--json]', options)).toThrow(/without meaning json/);
    expect(readArguments(['--tenant', 'acme'], 'thing --tenant SLUG', options).values).toEqual({ tenant: 'acme' });
    expect(() => readArguments(['--tenannt'], 'thing --tenant SLUG', options)).toThrow(GantryError);
  });
});
