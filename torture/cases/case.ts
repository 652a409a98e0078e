import type { Scene } from '../scene.ts';

/**
 * One situation, the same every time: a row of the fault matrix, or a seed that
 * once found something. A case of a part that comes later is one more file here.
 */
export interface TortureCase {
  readonly name: string;
  /** Rows of the fault matrix that it proves. */
  readonly rows: readonly string[];
  /** Integrations of the stage that it takes part in: what is less starts faster. */
  readonly needs: readonly string[];
  /** How many; default 2. */
  readonly workers?: number;
  run(scene: Scene): Promise<void>;
}
