import { describe, expect, it } from 'vitest';
import { systemClock, type TenantId } from '../../src/kernel/index.ts';
import type { SqlCaller } from '../../src/lens/index.ts';
import { createGate, type Gate } from '../../src/lens/host/gate.ts';

const by = (session: string, tenant = 1): SqlCaller => ({ tenant: tenant as TenantId, session });

/** Sends statements through a gate; those inside end when told. */
function crowdAt(gate: Gate): {
  send(name: string, caller: SqlCaller): void;
  end(name: string): Promise<void>;
  inside(): Promise<string[]>;
} {
  const within = new Map<string, () => void>();
  const settled = async (): Promise<void> => {
    await new Promise((resolve) => setImmediate(resolve));
  };
  return {
    send(name, caller) {
      void gate.enter(caller, systemClock.monotonicMs() + 60_000).then((leave) => within.set(name, leave));
    },
    async end(name) {
      within.get(name)?.();
      within.delete(name);
      await settled();
    },
    async inside() {
      await settled();
      return [...within.keys()].toSorted();
    },
  };
}

describe("the gate of agents' statements", () => {
  it('lets one of a caller in at a time, and so many of a tenant and in all', async () => {
    const gate = createGate({ total: 3, perTenant: 2 });
    const { send, end, inside } = crowdAt(gate);
    for (const name of ['a1', 'a2', 'a3']) send(name, by('a'));
    expect(await inside()).toEqual(['a1']);
    for (const name of ['b', 'c']) send(name, by(name));
    expect(await inside()).toEqual(['a1', 'b']);
    for (const name of ['x', 'y']) send(name, by(name, 2));
    expect(await inside()).toEqual(['a1', 'b', 'x']);
    await end('b');
    expect(await inside()).toEqual(['a1', 'c', 'x']);
    expect(gate.inside).toBe(3);
    for (const name of ['a1', 'c', 'x', 'a2', 'y', 'a3']) await end(name);
    expect([await inside(), gate.inside]).toEqual([[], 0]);
  });

  it('takes callers in turn, however many statements one of them sent before', async () => {
    const { send, end, inside } = crowdAt(createGate({ total: 1, perTenant: 1 }));
    for (const name of ['a1', 'a2', 'a3']) send(name, by('a'));
    for (const name of ['b1', 'b2']) send(name, by('b'));
    send('c1', by('c'));
    const order: string[] = [];
    for (let [name] = await inside(); name !== undefined; [name] = await inside()) {
      order.push(name);
      await end(name);
    }
    expect(order).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
  });

  it('keeps callers of the same name of two tenants apart', async () => {
    const { send, inside } = crowdAt(createGate({ total: 2, perTenant: 2 }));
    send('mine', by('a', 1));
    send('theirs', by('a', 2));
    expect(await inside()).toEqual(['mine', 'theirs']);
  });

  it('gives up at its time, and the rest go on', async () => {
    const gate = createGate({ total: 1, perTenant: 1 });
    const leave = await gate.enter(by('a'), systemClock.monotonicMs() + 60_000);
    await expect(gate.enter(by('b'), systemClock.monotonicMs() + 5)).rejects.toThrow('timeout');
    await expect(gate.enter(by('a'), systemClock.monotonicMs() + 5)).rejects.toThrow('timeout');
    leave();
    const next = await gate.enter(by('b'), systemClock.monotonicMs() + 60_000);
    next();
    expect(gate.inside).toBe(0);
  });
});
