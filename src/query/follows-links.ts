import type { Caller } from '../access/index.ts';

/**
 * Whether a caller may read values by their links, and be told of changes. A
 * link can be made up for any record, and so can a wish for events: they ask as
 * openly as these tools do. An agent that has saved queries only is given no
 * links and follows none.
 */
export const followsLinks = ({ tools }: Caller): boolean => tools.has('get_record') || tools.has('query_records');
