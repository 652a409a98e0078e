import { nameKey } from '../../approvals/index.ts';
import { removeOauthUid, type Tx } from '../../store/index.ts';

/** Browsers in which an operator is signed in: to the console, and to the page of approvals. */
export const operatorSessions = { console: 'ConsoleSession', approvals: 'ApprovalSession' } as const;

/** Whose session it is; a name is one however it is spelled. */
export const sessionOwner = (name: string): string => `operator:${nameKey(name)}`;

/** Whatever they were signed in with: a key that stays good opens a new one. */
export const endSessionsOf = (tx: Tx, name: string): Promise<void> =>
  removeOauthUid(tx, Object.values(operatorSessions), sessionOwner(name));
