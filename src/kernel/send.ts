import { crashPoint } from './crash-point.ts';

/**
 * The one way by which a call leaves the process: `fetch` between two crash
 * points. `place` says whose call it is, as `<area>.<what>`. Raises what
 * `fetch` raises.
 */
export async function send(place: string, url: string | URL, init: RequestInit): Promise<Response> {
  crashPoint(`${place}.before_send`);
  const response = await fetch(url, init);
  crashPoint(`${place}.after_send`);
  return response;
}
