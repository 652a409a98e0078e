import type { Role } from '../identity/index.ts';
import type { JsonObject } from '../kernel/index.ts';
import type { Operator } from './ports.ts';

/** Who acts: operators, agents, the product's users. For operators. Implemented by src/app/identity. */
export interface IdentityUseCases {
  readonly operators: OperatorUseCases;
  readonly agents: AgentUseCases;
  readonly agentKeys: AgentKeyUseCases;
  readonly signIns: SignInLinkUseCases;
  readonly localUsers: LocalUserUseCases;
}

export interface OperatorUseCases {
  list(operator: Operator): Promise<readonly JsonObject[]>;
  /** With the key, once. Whoever had the name loses theirs. */
  add(
    operator: Operator,
    request: { readonly name: string; readonly role: Role; readonly expiresInDays: number | null },
  ): Promise<JsonObject>;
  /** All tokens of that name up to now are void, from whichever identity provider; keys of ours stay. */
  signOut(operator: Operator, request: { readonly name: string }): Promise<JsonObject>;
  /** Raises `not_found`. */
  remove(operator: Operator, request: { readonly name: string }): Promise<JsonObject>;
}

export interface AgentUseCases {
  /** What the project in force declares, and who of them is suspended. */
  list(operator: Operator): Promise<readonly JsonObject[]>;
  /** At all tenants, within a second. Both raise `not_found`. */
  suspend(operator: Operator, request: AgentAct): Promise<JsonObject>;
  resume(operator: Operator, request: AgentAct): Promise<JsonObject>;
}

/** Keys of agents at a tenant. A key is told once, by whoever makes it. All raise `not_found` for what is not there. */
export interface AgentKeyUseCases {
  list(operator: Operator, request: { readonly tenant: string }): Promise<readonly JsonObject[]>;
  create(operator: Operator, request: NewAgentKey): Promise<JsonObject>;
  /** A new key in the place of another, which stays good for a while. */
  rotate(operator: Operator, request: AgentKeyName & { readonly overlapHours: number }): Promise<JsonObject>;
  /** At once, in all processes. */
  end(operator: Operator, request: AgentKeyName): Promise<JsonObject>;
}

export interface NewAgentKey {
  readonly tenant: string;
  readonly agent: string;
  readonly label: string;
  /** Null: until it is ended. */
  readonly expiresInDays: number | null;
}

export interface AgentKeyName {
  readonly tenant: string;
  /** As the list has it. */
  readonly id: string;
}

export interface AgentAct {
  readonly agent: string;
  readonly note: string | null;
  /** Who, where the operator's key says less. */
  readonly by: string | null;
}

export interface OfPrincipal {
  readonly tenant: string;
  readonly principal: string;
}

export interface NewSignInLink extends OfPrincipal {
  /** The sign-in that sent the user to the product's page; null: none waits. */
  readonly signIn: string | null;
}

export interface SignInLinkUseCases {
  /** A link with which a browser is signed in as that user of the product, once and soon. */
  create(operator: Operator, request: NewSignInLink): Promise<{ readonly url: string; readonly expiresAt: Date }>;
  /** All access tokens of the user up to now, or those of one agent, are void. */
  signOut(operator: Operator, request: OfPrincipal & { readonly agent: string | null }): Promise<JsonObject>;
}

/** Users with a password of ours, where the product has no identity provider. All raise `not_found` for an unknown tenant. */
export interface LocalUserUseCases {
  list(operator: Operator, request: { readonly tenant: string }): Promise<readonly JsonObject[]>;
  /** `password` null: one is made, and is in the answer, once. Raises `bad_request` for one that is too short. */
  set(
    operator: Operator,
    request: { readonly tenant: string; readonly name: string; readonly password: string | null },
  ): Promise<JsonObject>;
  remove(operator: Operator, request: { readonly tenant: string; readonly name: string }): Promise<JsonObject>;
}

/**
 * Who the product's users are in the connected systems. Implemented by
 * src/app/access. All raise `not_found` for an unknown tenant or connection.
 */
export interface PrincipalUseCases {
  /** Links, with how each is known and how new its rights are; of one user, of one connection, or all of the tenant. */
  list(operator: Operator, request: PrincipalsQuery): Promise<readonly JsonObject[]>;
  /** Takes the place of the user's link to that connection. */
  link(operator: Operator, request: NewPrincipalLink): Promise<JsonObject>;
  unlink(operator: Operator, request: OfPrincipal & { readonly connection: string }): Promise<JsonObject>;
  /** Pairs users whose names are e-mail addresses with the connection's users; `apply` false: says what it would do. */
  linkByEmail(
    operator: Operator,
    request: {
      readonly tenant: string;
      readonly connection: string;
      /** Users of the product; empty: the e-mail addresses of all of the connection's users are taken as their names. */
      readonly principals: readonly string[];
      readonly apply: boolean;
    },
  ): Promise<JsonObject>;
}

export interface PrincipalsQuery {
  readonly tenant: string;
  readonly connection: string | null;
  readonly principal: string | null;
}

export interface NewPrincipalLink extends OfPrincipal {
  readonly connection: string;
  /** The provider's id of the user. */
  readonly sourceUser: string;
  readonly sourceName: string | null;
  /** What rules of the tenant's own compare with (team, territory). */
  readonly attributes: JsonObject;
}
