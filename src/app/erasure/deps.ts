import type { AppendAudit, CheckpointKey } from '../../audit/index.ts';
import type { Clock, Random } from '../../kernel/index.ts';
import type { Lens } from '../../lens/index.ts';
import type { Db } from '../../store/index.ts';
import type { EventSink } from '../events.ts';
import type { Dossiers } from './dossiers.ts';

export interface ErasureDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly random: Random;
  readonly dossiers: Dossiers;
  readonly audit: AppendAudit;
  /** Signs which entries of the audit were emptied. */
  readonly key: CheckpointKey;
  readonly lens: Pick<Lens, 'rebuild' | 'snapshot' | 'discard'>;
  /** Copies of lens files are kept outside of the machine. */
  readonly hasSnapshots: boolean;
  readonly emit: EventSink;
}
