import type { RunningSandboxProcess } from '../../sandbox/client/index.ts';
import type { JsonObject } from '../../src/kernel/index.ts';
import type { Draw } from './draw.ts';
import type { WriteAsPerson } from './writing/vendor-write.ts';

/** What must be known of a provider to compare what Gantry shows with what it shows itself. */
export interface System {
  /** As in `startSandbox`. */
  readonly provider: 'salesforce' | 'zendesk' | 'odoo' | 'google_calendar';
  readonly customer: 'acme' | 'globex';
  /** Of the example, and the name of its connection. */
  readonly integration: string;
  /** Native objects that are compared, with the field that holds their id. */
  readonly objects: readonly string[];
  readonly idField: string;
  /** Users sign in themselves, as rights are only known by asking as them; else an operator links them. */
  readonly signsIn: boolean;
  /** Whether operators link people by their name there instead of their id. */
  readonly linkedByName: boolean;
  /** How many users take part unless more are wanted. */
  readonly users: number;
  /** What it leaves out of its lists of changes; its clock is set forward by so much before they are read. */
  readonly heldBackMs: number;
  /** As in `limits` of an integration: what an operator would allow of the provider's limits. */
  readonly callLimits: Readonly<Record<string, { readonly calls: number; readonly reserve: number }>>;
  /** Limits of the sandbox, where its documented ones would make tests wait. */
  readonly sandboxLimits: Readonly<Record<string, number>> | null;
  /** False where the provider tells the connected user only a part of who sees what: then rows may be missing, never too many. */
  readonly isWhole: boolean;
  /** Where it is not whole: of what it shows the person now, ids that the connected user is told of; nothing of these may be missing. */
  readonly toldOf?: (around: ToldOf) => (id: string) => boolean;
  /** False of fields that the two name differently. */
  readonly isCompared: (field: string) => boolean;
  /** Texts that nobody else has, in these fields: `{object: field}`. */
  readonly marked: Readonly<Record<string, string>>;
  /** Native objects that refer to others: for joins. */
  readonly joins: readonly { readonly from: string; readonly field: string; readonly to: string }[];
  /**
   * Ids of the object that the vendor's own API gives the user, by the user's
   * own token, of those that are `known` at least; null: it refuses the object.
   */
  readonly idsByApi: (
    sandbox: RunningSandboxProcess,
    user: Person,
    object: string,
    known: ReadonlySet<string>,
  ) => Promise<ReadonlySet<string> | null>;
  /** Where what people may write is compared, too; absent: only their own sign-in tells. */
  readonly writing?: {
    /** By object: fields for texts that may be changed without harm. */
    readonly fields: Readonly<Record<string, readonly string[]>>;
    readonly newRecord: (object: string, draw: Draw, person: SourcePerson) => JsonObject;
    readonly writeAs: WriteAsPerson;
  };
  /** Changes of who sees what, or of records: one of these is on its way at a time. */
  readonly changes: Readonly<Record<string, Change>>;
  /** Changes that may be on their way together, one for each of several people: no answer mixes one with another. */
  readonly ownChanges: Readonly<Record<string, Change>>;
}

/** About one of `people`, where it is about anybody. */
export type Change = (around: Changing) => Promise<unknown>;

/** A user, as the provider says. */
export interface SourcePerson {
  readonly username: string;
  readonly id: string;
  readonly active: boolean;
  readonly apiKey?: string;
}

export interface Person extends SourcePerson {
  /** As the product names them: in all systems of a customer the same. */
  readonly principal: string;
}

export interface ToldOf {
  readonly person: SourcePerson;
  readonly connected: SourcePerson;
  /** Answer of `sharing {}`. */
  readonly state: JsonObject;
}

export interface Changing {
  readonly sandbox: RunningSandboxProcess;
  readonly draw: Draw;
  /** Whom it may be about: those who ask while it changes, or one of them. */
  readonly people: readonly Person[];
  /** All who are linked, the connected user first. */
  readonly everybody: readonly Person[];
  /** Ids of records of an object. */
  readonly idsOf: (object: string) => readonly string[];
  /** Answer of `sharing {}`. */
  readonly state: JsonObject;
}

/** What the sandbox's written rules show a user of an object, worked out apart from the way that requests take. */
export interface Sight {
  readonly readable: boolean;
  readonly ids: ReadonlySet<string>;
  readonly fields: ReadonlySet<string>;
}

/** By native object. */
export type Sights = ReadonlyMap<string, Sight>;

const nothing: Sight = { readable: false, ids: new Set(), fields: new Set() };

export const sightOf = (sights: Sights, object: string): Sight => sights.get(object) ?? nothing;

/** What the sandbox shows the person now, of these objects. */
export async function sightsOf(
  sandbox: RunningSandboxProcess,
  { id }: SourcePerson,
  objects: readonly string[],
): Promise<Sights> {
  type Told = { readonly readable: boolean; readonly ids: readonly string[]; readonly fields: readonly string[] };
  const sights = await Promise.all(
    objects.map(async (object): Promise<(readonly [string, Sight])[]> => {
      const { objects: told } = await sandbox.control<{ objects: Record<string, Told> }>('POST', 'visible', {
        user: id,
        object,
      });
      const found = told[object];
      if (found === undefined) return [];
      const { readable, ids, fields } = found;
      return [[object, { readable, ids: new Set(ids), fields: new Set(fields) }]];
    }),
  );
  return new Map(sights.flat());
}

/** Own token of a user, as the sandbox gives it without a browser. */
export async function tokenOf(sandbox: RunningSandboxProcess, { username }: SourcePerson): Promise<string | null> {
  const { tokens } = await sandbox.control<{ tokens: Record<string, string> }>('POST', 'session', {
    users: [username],
  });
  return tokens[username] ?? null;
}
