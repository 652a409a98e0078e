import { database } from '../phases/database.ts';
import type { TortureCase } from './case.ts';

export const afterARestart: TortureCase = {
  name: 'after-a-restart',
  rows: ['X1'],
  needs: ['erp'],
  run: (scene) => database(scene, 2),
};
