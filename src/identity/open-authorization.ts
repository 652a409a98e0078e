import type { AuthorizationDoor } from './authorization-door.ts';
import type { AuthorizationServerOptions } from './authorization-server.ts';

/** Loaded when the first browser comes: most processes and commands never need the library. */
export function authorizationDoor(options: () => AuthorizationServerOptions): () => Promise<AuthorizationDoor> {
  let door: Promise<AuthorizationDoor> | null = null;
  return () => {
    door ??= import('./authorization-door.ts').then(({ openAuthorizationDoor }) => openAuthorizationDoor(options()));
    return door;
  };
}
