import { streamId, type Json, type StreamId, type TenantId } from '../../kernel/index.ts';
import type { Tx } from '../../store/index.ts';
import type { Vault } from '../../vault/index.ts';
import type { Dossier } from './selectors.ts';

/**
 * Whom an erasure is of has to be known until it has ended, and no longer: it
 * is sealed under the tenant's data key, and destroyed with the end.
 */
export interface Dossiers {
  seal(tx: Tx, tenant: TenantId, erasure: number, dossier: Dossier): Promise<Uint8Array>;
  /** Raises `vault_unreadable`. */
  open(tx: Tx, tenant: TenantId, erasure: number, sealed: Uint8Array): Promise<Dossier>;
}

interface Spelled {
  readonly selectors: Dossier['selectors'];
  readonly principals: readonly string[];
  readonly own: readonly (readonly [number, string])[];
  readonly mentions: readonly (readonly [number, string, number | null, readonly string[]])[];
}

export function createDossiers(vault: Vault): Dossiers {
  const place = (erasure: number) => ({ connection: null, purpose: `erasure ${String(erasure)}` });
  return {
    seal: (tx, tenant, erasure, dossier) => vault.seal(tx, tenant, place(erasure), JSON.stringify(spelled(dossier))),
    open: async (tx, tenant, erasure, sealed) =>
      read(JSON.parse(await vault.open(tx, tenant, place(erasure), sealed)) as Json),
  };
}

const spelled = ({ selectors, principals, own, mentions }: Dossier): Spelled => ({
  selectors,
  principals,
  own: own.map(({ stream, id }) => [stream, id]),
  mentions: mentions.map(({ stream, id, ver, fields }) => [stream, id, ver, fields]),
});

/** Sealed by this program, hence of this shape. */
function read(json: Json): Dossier {
  const { selectors, principals, own, mentions } = json as unknown as Spelled;
  const streamOf = (value: number): StreamId => streamId(value);
  return {
    selectors,
    principals,
    own: own.map(([stream, id]) => ({ stream: streamOf(stream), id })),
    mentions: mentions.map(([stream, id, ver, fields]) => ({ stream: streamOf(stream), id, ver, fields })),
  };
}
