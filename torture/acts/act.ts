import { setTimeout as sleep } from 'node:timers/promises';
import type { Scene } from '../scene.ts';
import type { Role } from '../stage/gantry-process.ts';
import type { System } from '../stage/systems.ts';

/** Something that makes processes come by crash points. */
export interface Act {
  readonly name: string;
  /** Who passes them. `command`: a command line of its own. */
  readonly host: Role | 'command';
  /** Places that it leads to, such as `sync.keep_page`; it is not done where none of them is left. */
  readonly places: readonly string[];
  /** What it meets on the way, dead processes above all, is no failure of its own. */
  readonly run: (scene: Scene) => Promise<void>;
  /** Undoes it. */
  readonly calm?: (scene: Scene) => Promise<void>;
  /** How long it may take until a process comes by; default PATIENCE_MS. */
  readonly patienceMs?: number;
  /** Leaves something behind that is read ever after: not done without end. */
  readonly makes?: boolean;
  /** Not beside others, though nothing has to be undone. */
  readonly apart?: boolean;
}

/** Words of a command line; `%` stands for a text that differs each time. */
export interface CommandAct extends Omit<Act, 'run' | 'calm' | 'patienceMs' | 'makes' | 'apart'> {
  readonly host: 'command';
  readonly words: (scene: Scene, word: string) => Promise<readonly string[]>;
  readonly env?: (scene: Scene, word: string) => Promise<Readonly<Record<string, string>>>;
}

/** Work for a worker: what is done is followed by everything being due. */
export const work = (name: string, places: readonly string[], run: Act['run'], more: Partial<Act> = {}): Act => ({
  name,
  host: 'worker',
  places,
  run,
  ...more,
});

/** Requests to the API. */
export const request = (
  name: string,
  places: readonly string[],
  ask: (scene: Scene) => Promise<unknown>,
  more: Partial<Act> = {},
): Act => ({ name, host: 'api', places, run: async (scene) => void (await ask(scene)), patienceMs: 150, ...more });

export const command = (name: string, places: readonly string[], ...words: readonly string[]): CommandAct => ({
  name,
  host: 'command',
  places,
  words: async (_scene, word) => words.map((each) => each.replace('%', word)),
});

export const systemOf = ({ stage }: Scene, integration: string): System => {
  const found = stage.systems.find((each) => each.integration === integration);
  if (found === undefined) throw new Error(`the stage has no ${integration}`);
  return found;
};

/** Again until it goes well: the API dies as the others do, and is started again meanwhile. */
export async function untilDone(attempt: () => Promise<unknown>, tries = 15): Promise<boolean> {
  for (let done = 0; done < tries; done += 1) {
    try {
      await attempt();
      return true;
    } catch {
      await sleep(500);
    }
  }
  return false;
}

/** What the API says; raises what is no 2xx. */
export async function asked(
  { stage }: Scene,
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: object,
): Promise<Readonly<Record<string, unknown>>> {
  const answer = await stage.ask(method, path, body);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path} answered ${String(answer.status)}: ${text}`);
  return JSON.parse(text) as Record<string, unknown>;
}

export async function question({ stage }: Scene, more: object = {}): Promise<unknown> {
  return fetch(`${stage.url}/v1/tools/query_records`, {
    method: 'POST',
    headers: { authorization: `Bearer ${stage.keys['acme'] ?? ''}`, 'content-type': 'application/json' },
    body: JSON.stringify({ object: 'crm.Account', fields: ['Id'], limit: 1, ...more }),
  }).then((response) => response.arrayBuffer());
}
