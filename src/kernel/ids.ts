/**
 * Identifiers, branded so that a connection's number can never be passed where
 * a tenant's is meant. Numbers are what PostgreSQL keys hold; slugs are what
 * people and agents read.
 */
declare const brand: unique symbol;
type Branded<Base, Name extends string> = Base & { readonly [brand]: Name };

/** A customer of the product team. Every row, lens file and cache is one tenant's. */
export type TenantId = Branded<number, 'TenantId'>;
/** One tenant's account in one provider. */
export type ConnectionId = Branded<number, 'ConnectionId'>;
/** One native object of one connection, with its cursor: the unit that sync moves. */
export type StreamId = Branded<number, 'StreamId'>;
/** An immutable, applied manifest. Counts up from 1. */
export type RevisionId = Branded<number, 'RevisionId'>;

export const tenantId = (value: number): TenantId => value as TenantId;
export const connectionId = (value: number): ConnectionId => value as ConnectionId;
export const streamId = (value: number): StreamId => value as StreamId;
export const revisionId = (value: number): RevisionId => value as RevisionId;
