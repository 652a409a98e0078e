import { inject } from 'vitest';
import { startBuiltChildren } from '../../src/kernel/child-entry.ts';

/** Before each suite: threads and processes that the code under test starts are quicker from built files. */
const built = inject('built');
if (built !== null) startBuiltChildren(built);
