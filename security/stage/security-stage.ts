import { openAttackStage, type AttackStage } from '../../test/attack/stage.ts';
import { plantCarriers } from '../injection/carriers.ts';

/** A whole service, real systems behind it, two customers, and agents of each that see everything or little. */
export interface SecurityStage extends AttackStage {
  /** Keys of acme's agents. */
  readonly keys: Readonly<Record<'acme/renewals-copilot' | 'acme/thief', string>>;
}

/** Opens the stage when it is first asked for, and closes it if it ever was. */
export function stageOnce(): { readonly stage: () => Promise<SecurityStage>; readonly close: () => Promise<void> } {
  let opened: Promise<SecurityStage> | null = null;
  return {
    stage: () => (opened ??= openSecurityStage()),
    close: async () => {
      if (opened !== null) await (await opened).close();
    },
  };
}

async function openSecurityStage(): Promise<SecurityStage> {
  const stage = await openAttackStage(({ acme }) => plantCarriers(acme));
  try {
    const [copilot, thief] = [await stage.acme.keyFor('renewals-copilot'), await stage.acme.keyFor('thief')];
    return { ...stage, keys: { 'acme/renewals-copilot': copilot, 'acme/thief': thief } };
  } catch (error) {
    await stage.close();
    throw error;
  }
}
