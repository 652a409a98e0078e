import { checkpointKey, type PublicKeys } from '../../audit/index.ts';
import type { JsonObject } from '../../kernel/index.ts';
import type { Db } from '../../store/index.ts';
import type { Config } from '../config.ts';
import { chainOf, verifiedReport } from './verified-report.ts';

/** The public half of the key that signs checkpoints, in hex: for whoever verifies without the master key. */
export const auditPublicKey = ({ masterKey }: Pick<Config, 'masterKey'>): string =>
  Buffer.from(checkpointKey(masterKey).publicKey).toString('hex');

/**
 * The chain of any copy of the database against a file of checkpoints, with
 * nothing but public keys: what an auditor does who trusts neither server nor
 * database. Raises `not_found`.
 */
export async function verifyCopy(
  db: Db,
  {
    tenant: named,
    text,
    publicKeys,
  }: { readonly tenant?: string; readonly text: string; readonly publicKeys: readonly string[] },
): Promise<JsonObject> {
  const { tenant, slug } = await chainOf(db, named);
  const keys = keysById(publicKeys.map((hex) => new Uint8Array(Buffer.from(hex, 'hex'))));
  return verifiedReport(db, { tenant, slug, text, publicKeys: keys });
}

/** Those that signatures are checked with here. */
export function publicKeysOf({
  masterKey,
  otherMasterKeys,
  auditPublicKeys = [],
}: Pick<Config, 'masterKey' | 'otherMasterKeys' | 'auditPublicKeys'>): PublicKeys {
  const derived = [masterKey, ...otherMasterKeys].map((key) => checkpointKey(key).publicKey);
  return keysById([...auditPublicKeys, ...derived]);
}

const keysById = (keys: readonly Uint8Array[]): PublicKeys =>
  new Map(keys.map((key) => [Buffer.from(key).toString('hex').slice(0, 16), key]));
