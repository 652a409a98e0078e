import { stall } from '../phases/stall.ts';
import type { TortureCase } from './case.ts';

export const stalledWorker: TortureCase = { name: 'stalled-worker', rows: ['S1', 'X3'], needs: ['crm'], run: stall };
