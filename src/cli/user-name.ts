import { userInfo } from 'node:os';

/** Who runs the command, as the machine calls them. A uid without an entry in the user database has no name. */
export function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
}
