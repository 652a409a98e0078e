import { tenantId } from '../kernel/index.ts';

/** Under which what concerns the whole installation is kept: customers are numbered from 1. */
export const INSTALLATION = tenantId(0);
