import type { SyncSettings } from '../manifest/index.ts';
import type { SyncTarget } from './deps.ts';

/** What the integration says of an object; null where only a glob asks for it. */
export function settingsOf({ integration }: Pick<SyncTarget, 'integration'>, object: string): SyncSettings | null {
  for (const declared of integration.objects.values()) {
    if (declared.from === object) return declared.sync;
  }
  return null;
}
