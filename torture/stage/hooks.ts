import { appendFileSync, closeSync, openSync } from 'node:fs';

/** A delivery that Gantry acknowledged: from then on it has to know of it. */
export interface Ack {
  /** Wall clock, ms. */
  readonly at: number;
  readonly tenant: string;
  readonly connection: string;
  readonly object: string;
  readonly id: string;
}

/** What a provider calls when something changes; each acknowledgement is noted for the checker. */
export interface Hooks {
  readonly file: string;
  /** As Odoo tells of a record. False: not acknowledged. */
  tell(record: { readonly object: string; readonly id: string }): Promise<boolean>;
  /** With a wrong secret. */
  forge(record: { readonly object: string; readonly id: string }): Promise<void>;
}

export interface HookPlace {
  readonly tenant: string;
  readonly connection: string;
  readonly url: string;
  readonly secret: string;
}

/** `placeOf`: null until the address has been made. */
export function createHooks(file: string, placeOf: () => HookPlace | null): Hooks {
  closeSync(openSync(file, 'a'));
  const post = (
    url: string,
    secret: string,
    { object, id }: Omit<Ack, 'at' | 'tenant' | 'connection'>,
  ): Promise<Response> =>
    fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-gantry-secret': secret },
      body: JSON.stringify({ _action: 'write', _model: object, _id: Number(id) }),
    });
  return {
    file,
    tell: async (record) => {
      const place = placeOf();
      if (place === null) return false;
      const { tenant, connection, url, secret } = place;
      const response = await post(url, secret, record).catch(() => null);
      if (response === null || !response.ok) return false;
      const ack: Ack = { at: Date.now(), tenant, connection, ...record };
      appendFileSync(file, `${JSON.stringify(ack)}\n`);
      return true;
    },
    forge: async (record) => {
      const place = placeOf();
      if (place !== null) await post(place.url, 'not the secret at all', record).catch(() => null);
    },
  };
}
