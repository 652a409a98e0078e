/** What is stopped, in the words of the form, of the address that stops it, and of whoever reads what will happen. */

export const stopModes = ['stop_writes', 'drain', 'read_replica_only', 'stop_all_upstream'] as const;
export type StopMode = (typeof stopModes)[number];

export const modeTitles: Readonly<Record<StopMode, string>> = {
  stop_writes: 'Nothing is written',
  drain: 'Nothing new is accepted; what was accepted is sent',
  read_replica_only: 'Agents read what is here, and nothing else',
  stop_all_upstream: 'No call at all goes out',
};

export const stopKinds = ['installation', 'tenant', 'connection', 'object', 'operation', 'agent', 'principal'] as const;
export type StopKind = (typeof stopKinds)[number];

export const kindTitles: Readonly<Record<StopKind, string>> = {
  installation: 'Everything of all customers',
  tenant: 'Everything of this customer',
  connection: 'One connection',
  object: 'One object of a connection',
  operation: 'One operation',
  agent: 'One agent',
  principal: 'What is done for one user',
};

/** What was put into the form. Names that the kind has no use for are left out of what is asked. */
export interface StopWish {
  readonly kind: StopKind;
  readonly tenant: string | null;
  readonly connection: string;
  readonly object: string;
  readonly operation: string;
  readonly agent: string;
  readonly principal: string;
  readonly mode: StopMode;
  readonly reason: string;
}

/** Kinds that can be named: of a customer all, of the whole installation that alone. */
export const kindsFor = (tenant: string | null): readonly StopKind[] =>
  tenant === null ? ['installation'] : stopKinds;

/** The body of `POST /v1/switches`; null: a name is missing. */
export function stopBody(wish: StopWish): { readonly [name: string]: string } | null {
  const { kind, tenant, mode, reason } = wish;
  const said = { mode, reason: reason.trim() };
  if (kind === 'installation') return said;
  if (tenant === null) return null;
  const names = namesOf(kind).map((name) => [name, wish[name].trim()] as const);
  if (names.some(([, value]) => value === '')) return null;
  return { tenant, ...said, ...Object.fromEntries(names) };
}

type Named = 'connection' | 'object' | 'operation' | 'agent' | 'principal';

/** The fields that a kind wants to have filled. */
export function namesOf(kind: StopKind): readonly Named[] {
  switch (kind) {
    case 'installation':
    case 'tenant':
      return [];
    case 'object':
      return ['connection', 'object'];
    default:
      return [kind];
  }
}

/** What will happen, a sentence each; null: it is not said yet what is to be stopped. */
export function stopPreview(wish: StopWish): readonly string[] | null {
  if (stopBody(wish) === null) return null;
  const whom = whomText(wish);
  const { kind, mode } = wish;
  switch (mode) {
    case 'stop_writes':
      return [
        `From now on nothing is written: ${whom}.`,
        'Agents may still prepare plans; none is accepted, and none is sent, also where people have approved it.',
        'What is being sent at this moment ends, and stands in the audit.',
        'Reading goes on.',
      ];
    case 'drain':
      return [
        `From now on nothing new is accepted: ${whom}.`,
        'What was accepted before is still sent.',
        'Agents may still prepare plans. Reading goes on.',
      ];
    case 'read_replica_only':
      return [
        `From now on nothing is prepared, accepted or sent: ${whom}.`,
        'Agents go on reading what is here. Systems go on being read.',
      ];
    case 'stop_all_upstream':
      return [
        `From now on nothing is prepared, accepted or sent: ${whom}.`,
        ...(readsStop(kind)
          ? [
              'A second from now no call at all begins: no reading, no renewing of sign-ins, no looking up of lost answers.',
              'What is here stays readable, and grows old.',
            ]
          : ['Calls that read name no such thing and go on: choose a connection to stop those.']),
      ];
  }
}

/** Calls that only read have a tenant and a connection, and no object, operation, agent or user. */
const readsStop = (kind: StopKind): boolean => kind === 'installation' || kind === 'tenant' || kind === 'connection';

function whomText({ kind, tenant, connection, object, operation, agent, principal }: StopWish): string {
  const of = tenant ?? '';
  switch (kind) {
    case 'installation':
      return 'everything of all customers';
    case 'tenant':
      return `everything of ${of}`;
    case 'connection':
      return `connection ${connection.trim()} of ${of}`;
    case 'object':
      return `object ${object.trim()} of connection ${connection.trim()} of ${of}`;
    case 'operation':
      return `operation ${operation.trim()} for ${of}`;
    case 'agent':
      return `whatever agent ${agent.trim()} does for ${of}`;
    case 'principal':
      return `whatever is done for ${principal.trim()} of ${of}`;
  }
}

/** What a trigger had counted, and what the project allows. */
export function figuresText(figures: { readonly [name: string]: unknown } | null): string | null {
  if (figures === null) return null;
  const number = (name: string): number | null => (typeof figures[name] === 'number' ? figures[name] : null);
  const within = number('within_s');
  const span = within === null ? '' : ` within ${secondsText(within)}`;
  const [failed, ended, share] = [number('failed'), number('ended'), number('most_share')];
  if (failed !== null && ended !== null) {
    return `${plain(failed)} of ${plain(ended)} writes failed${span}${share === null ? '' : `; ${plain(share * 100)} % may`}`;
  }
  const most = number('most');
  const allowed = most === null ? '' : `; ${plain(most)} may be`;
  const [records, amount] = [number('records'), number('amount')];
  if (records !== null) return `writes to ${plain(records)} records were accepted${span}${allowed}`;
  if (amount !== null) return `writes worth ${plain(amount)} were accepted${span}${allowed}`;
  return null;
}

const plain = (value: number): string => value.toLocaleString('en-GB', { maximumFractionDigits: 2 });

function secondsText(seconds: number): string {
  if (seconds % 86_400 === 0) return `${String(seconds / 86_400)} d`;
  if (seconds % 3_600 === 0) return `${String(seconds / 3_600)} h`;
  return `${String(Math.round(seconds / 60))} min`;
}
