import { lines } from '../phases/lines.ts';
import type { TortureCase } from './case.ts';

export const cutLines: TortureCase = {
  name: 'cut-lines',
  rows: ['S10', 'S12'],
  needs: ['crm', 'erp', 'calendar'],
  run: (scene) => lines(scene, ['reset', 'truncated', 'wrong_length'], 3_000),
};
