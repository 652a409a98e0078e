import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { issuersIn, networksIn, ownAudiences, type Issuer } from '../../identity/index.ts';
import { GantryError, type Json } from '../../kernel/index.ts';

/** Who may say who somebody is. */
export interface IdentityConfig {
  /** Identity providers whose tokens are good here, beside our own. */
  readonly issuers: readonly Issuer[];
  /** Networks of proxies that are believed when they say whom a request is from. */
  readonly trustedProxies: readonly string[];
  /** Our own authorization server is open. */
  readonly signIn: boolean;
  /** The product's page that knows its users: people are sent there to sign in; null: none. */
  readonly signInUrl: string | null;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * `GANTRY_IDENTITY` (a YAML file of identity providers), `GANTRY_TRUSTED_PROXIES`
 * (networks, comma separated), `GANTRY_SIGN_IN` (`off` closes our own
 * authorization server), `GANTRY_SIGN_IN_URL`. Raises `identity_invalid`, `config_invalid`.
 */
export async function identityConfigIn(env: Environment, publicUrl: string): Promise<IdentityConfig> {
  const file = env['GANTRY_IDENTITY'];
  const signInUrl = env['GANTRY_SIGN_IN_URL'] ?? null;
  if (signInUrl !== null && !(URL.canParse(signInUrl) && /^https?:$/.test(new URL(signInUrl).protocol))) {
    throw new GantryError('config_invalid', {
      message: 'It is not the address of a page.',
      where: 'GANTRY_SIGN_IN_URL',
    });
  }
  return {
    issuers: file === undefined ? [] : issuersIn(await readYaml(file), file, ownAudiences(publicUrl)),
    trustedProxies: networksIn(env['GANTRY_TRUSTED_PROXIES'] ?? '', 'GANTRY_TRUSTED_PROXIES'),
    signIn: env['GANTRY_SIGN_IN'] !== 'off',
    signInUrl,
  };
}

async function readYaml(file: string): Promise<Json> {
  try {
    return parse(await readFile(file, 'utf8')) as Json;
  } catch (cause) {
    throw new GantryError('identity_invalid', {
      message: 'The file cannot be read, or is not YAML.',
      where: file,
      cause,
    });
  }
}
