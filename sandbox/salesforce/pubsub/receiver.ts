import type { Metadata } from '@grpc/grpc-js';
import type { SandboxUser, TokenStore } from '../../kit/index.ts';
import type { Org } from '../org.ts';
import type { FieldDef } from '../schema/field.ts';
import { refusal, type Refusal } from './refusals.ts';

/** What somebody receives of change events: sharing does not count, rights to objects and fields do. */
export interface Receiver {
  /** Developer guide, "Required Permissions for Change Event Subscribers": View All Records of the object. */
  mayReceive(entity: string): boolean;
  hides(entity: string): ((field: FieldDef) => boolean) | null;
}

/** Who calls, or why the call is refused. */
export function callerOf(
  org: Org,
  tokens: TokenStore,
  metadata: Metadata,
): { readonly kind: 'user'; readonly user: SandboxUser } | { readonly kind: 'refused'; readonly refusal: Refusal } {
  const [token, instance, tenant] = ['accesstoken', 'instanceurl', 'tenantid'].map((name) =>
    String(metadata.get(name)[0] ?? ''),
  );
  const refused = { kind: 'refused', refusal: refusal('service.auth.headers.invalid') } as const;
  if (token === undefined || token === '' || instance === undefined || !/^https?:\/\/./.test(instance)) return refused;
  if (tenant !== org.id && tenant !== org.id.slice(0, 15)) return refused;
  const check = tokens.check(token);
  return check.kind === 'valid' && check.grant.user.active
    ? { kind: 'user', user: check.grant.user }
    : { kind: 'refused', refusal: refusal('service.auth.error') };
}

export function receiver(org: Org, user: SandboxUser): Receiver {
  const { rights } = org.sharing;
  return {
    mayReceive: (entity) => {
      const object = org.schema.object(entity);
      const right = object === undefined ? 'none' : rights.objectRight(user, object);
      return right === 'viewAll' || right === 'modifyAll';
    },
    hides: (entity) => {
      const object = org.schema.object(entity);
      const hidden = new Set(
        object?.fields.filter((field) => !rights.canReadField(user, object, field)).map(({ storage }) => storage),
      );
      return hidden.size === 0 ? null : (field) => hidden.has(field.storage);
    },
  };
}
