import { denial } from './denial/run.ts';
import { differential } from './differential/index.ts';
import { hostileSql } from './hostile-sql/run.ts';
import { injection } from './injection/run.ts';
import { policy } from './policy/run.ts';
import { secrets } from './secrets/run.ts';
import { ssrf } from './ssrf/run.ts';
import type { Suite } from './suite.ts';
import { tenancy } from './tenancy/run.ts';
import { tokens } from './tokens/run.ts';

/** In the order in which they run. */
export const suites: readonly Suite[] = [
  hostileSql,
  policy,
  ssrf,
  tokens,
  tenancy,
  injection,
  denial,
  secrets,
  differential,
];
