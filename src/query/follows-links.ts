import type { Caller } from '../access/index.ts';

/**
 * Whether a caller may read values by their links. A link can be made up for
 * any record, so that it asks as openly as these tools do: an agent that has
 * saved queries only is given no links and follows none.
 */
export const followsLinks = ({ tools }: Caller): boolean => tools.has('get_record') || tools.has('query_records');
