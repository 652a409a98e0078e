import {
  bearerToken,
  type Handler,
  type SandboxRequest,
  type SandboxResponse,
  type SandboxUser,
  type TokenStore,
} from '../../kit/index.ts';
import { apiError, invalidSession, notFound } from './errors.ts';
import type { Limits } from './limits.ts';

export const VERSIONS = [
  { label: "Spring '24", version: '60.0' },
  { label: "Summer '24", version: '61.0' },
  { label: "Winter '25", version: '62.0' },
  { label: "Spring '25", version: '63.0' },
  { label: "Summer '25", version: '64.0' },
] as const;

/** The platform refuses longer request targets. */
const TARGET_BYTES_MAX = 16_384;

export interface ApiCall {
  readonly request: SandboxRequest;
  readonly user: SandboxUser;
  /** `/services/data/vNN.0` */
  readonly base: string;
}

/** Makes a handler of a data call. */
export type Api = (handle: (call: ApiCall) => SandboxResponse) => Handler;

/** Checks version, token and limits before a data call, and signs the answer with user and usage. */
export function createApi(tokens: TokenStore, limits: Limits): Api {
  return (handle) => (request) => {
    const version = /^v(\d{2}\.0)$/.exec(request.params['version'] ?? '')?.[1];
    if (!VERSIONS.some((known) => known.version === version)) return notFound();
    if (request.target.length > TARGET_BYTES_MAX) return apiError(414, 'URI_TOO_LONG', 'URI Too Long');
    const check = tokens.check(bearerToken(request) ?? '');
    if (check.kind !== 'valid' || !check.grant.user.active) return invalidSession();
    const user = check.grant.user;
    const response = limits.admit() ?? handle({ request, user, base: `/services/data/v${version}` });
    return { ...response, user: user.username, headers: { ...response.headers, 'sforce-limit-info': limits.info() } };
  };
}
