import { expect } from 'vitest';
import {
  writingScopes,
  type Vendor,
  type VendorWrite,
  type WriteAsPerson,
} from '../../security/differential/writing/vendor-write.ts';
import type { WriteRight } from '../../src/connectors/index.ts';
import { permissionsOf } from './derived-access.ts';
import type { PermissionStage } from './permissions-suite.ts';

export interface Writer {
  /** As the connector knows the user, and as the sandbox lets it sign in. */
  readonly id: string;
  readonly username: string;
}

/** What the connector says of one write now. */
export async function rightOf(stage: PermissionStage, user: string, write: VendorWrite): Promise<WriteRight | null> {
  const { objects, derived, session } = stage;
  const object = objects.find(({ name }) => name === write.object);
  if (object === undefined) throw new Error(`${write.object} is not in the stage`);
  const { operation, recordId, values } = write;
  const about = { user, object, operation, writes: [{ recordId, values }], facts: derived.facts };
  const rights = await permissionsOf(session).mayWrite?.(about);
  if (rights === undefined) throw new Error('the connector tells nothing of it');
  return rights?.[0] ?? null;
}

/**
 * What the connector says with the connection's credential, and what the vendor
 * answers to the person's own token, write by write. `isWhole` false: the
 * connector may know less, never more. Returns how many may and may not.
 */
export async function expectSameRights(
  stage: PermissionStage,
  as: WriteAsPerson,
  writer: Writer,
  writes: readonly VendorWrite[],
  isWhole = true,
): Promise<{ may: number; mayNot: number }> {
  const { tokens } = await stage.sandbox.control<{ tokens: Record<string, string> }>('POST', 'session', {
    users: [writer.username],
    ...writingScopes[stage.connector.provider],
  });
  const vendor: Vendor = { url: stage.sandbox.url, token: tokens[writer.username] ?? '' };
  const counts = { may: 0, mayNot: 0 };
  for (const write of writes) {
    const right = await rightOf(stage, writer.id, write);
    const there = await as(vendor, write);
    if (there === 'other') continue;
    const label = `${writer.username} ${JSON.stringify(write)} ${JSON.stringify(right)}`;
    if (isWhole || right?.kind === 'may') expect(right?.kind, label).toBe(there);
    if (there === 'may') counts.may += 1;
    else counts.mayNot += 1;
  }
  return counts;
}
