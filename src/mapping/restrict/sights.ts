import type { StreamId } from '../../kernel/index.ts';
import type { VisibleClasses } from '../catalogue.ts';

/** What somebody is shown of a stream's records. */
export interface StreamSight {
  readonly classes: VisibleClasses;
  /** Native fields; `all`: every one. Ids are never hidden. */
  readonly fields: 'all' | ReadonlySet<string>;
}

/** A stream that is not in here does not exist for them. */
export type Sights = ReadonlyMap<StreamId, StreamSight>;

/** A user whom a provider shows no field of an object may not read it. */
export const isHiddenWhole = ({ fields }: StreamSight): boolean => fields !== 'all' && fields.size === 0;
