import { oneFault } from '../phases/lines.ts';
import type { TortureCase } from './case.ts';

export const limitedCalls: TortureCase = {
  name: 'limited-calls',
  rows: ['S11'],
  needs: ['crm'],
  run: async (scene) => void (await oneFault(scene, 'limited', 10_000)),
};
