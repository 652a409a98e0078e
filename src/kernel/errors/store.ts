import { family } from './spec.ts';

export const storeErrors = family({
  store_locked: {
    status: 409,
    retry: 'after_fix',
    who: 'operator',
    meaning: 'Another process has the embedded database open; it can serve one process only.',
    fix: 'Stop the process that the message names, or set DATABASE_URL to a PostgreSQL server, which any number may share.',
  },
  store_address_invalid: {
    status: 500,
    retry: 'after_fix',
    who: 'operator',
    meaning:
      'The server is there, but not with that database, user or password; or the address is not one of PostgreSQL.',
    fix: 'Correct DATABASE_URL: postgres://user:password@host:port/database.',
  },
  store_unavailable: {
    status: 503,
    retry: 'later',
    who: 'operator',
    meaning:
      'The database could not be reached or went away in the middle of a call. An open transaction was lost whole.',
    fix: 'Check that the PostgreSQL server runs and accepts connections, then repeat the call.',
  },
  store_disk_full: {
    status: 503,
    retry: 'after_fix',
    who: 'operator',
    meaning:
      'The database has no room left on its disk, or the embedded one so little (32 MB) that it only reads. The transaction was lost whole; everything that was acknowledged before is there, and reading goes on.',
    fix: 'Make room for the database (for the embedded one in GANTRY_DATA_DIR), then repeat the call: writing goes on by itself.',
  },
  store_timeout: {
    status: 504,
    retry: 'later',
    who: 'operator',
    meaning: 'A statement took longer than the statement timeout and was ended; its transaction was lost whole.',
    fix: 'Repeat the call; if it persists, look for a lock holder or an overloaded server.',
  },
  store_conflict: {
    status: 409,
    retry: 'later',
    who: 'operator',
    meaning: 'The database ended this transaction in favour of a concurrent one (deadlock or serialisation failure).',
    fix: 'Repeat the whole transaction.',
  },
  store_record_refused: {
    status: 422,
    retry: 'after_fix',
    who: 'product_team',
    meaning:
      'The database does not take a record as the provider sends it: a value beyond its limits, or a rule that somebody added to its tables. The record is set aside, and its object goes on without it; `class` has the SQLSTATE.',
    fix: 'Look at the record in the provider. Once it can be kept, gantry dead-letters replay reads it again; it is read again by itself when it changes.',
  },
  store_setup_denied: {
    status: 500,
    retry: 'after_fix',
    who: 'operator',
    meaning: "The database user may not create Gantry's tables or its restricted role.",
    fix: 'Let the user of DATABASE_URL own the database; and let it create roles, or run as an administrator: create role gantry_app nologin; grant gantry_app to that user.',
  },
  store_migration_changed: {
    status: 500,
    retry: 'after_fix',
    who: 'operator',
    meaning: 'A migration that was already applied to this database has another text in this program.',
    fix: 'Run the program version that this database was set up with, or restore the original migration file.',
  },
  store_newer: {
    status: 500,
    retry: 'after_fix',
    who: 'operator',
    meaning: 'The database was migrated by a newer program, in a way that this one cannot work with.',
    fix: 'Run the newer program; migrations only go forward.',
  },
  store_name_taken: {
    status: 409,
    retry: 'never',
    who: 'product_team',
    meaning: 'Something of that kind with that name exists already.',
    fix: 'Use another name, or change the existing one.',
  },
  stream_lease_lost: {
    status: 409,
    retry: 'later',
    who: 'operator',
    meaning: 'Another worker took over this sync because the lease ran out; nothing of the late page was kept.',
    fix: 'Nothing to do: the other worker goes on from the last committed page.',
  },
  sync_deletions_held: {
    status: 409,
    retry: 'after_fix',
    who: 'operator',
    meaning:
      'A comparison with the provider missed so many records of an object that it may be the answer that is wrong: a user who may not see them any more, a filter, a fault. None of them is deleted until that is confirmed; `data` has the counts.',
    fix: 'Look at the provider. If they are really gone: gantry sync --tenant SLUG --connection SLUG --object NAME --accept-deletions. If not, nothing to do: the next comparison that finds them ends it. One at least 12 hours later that misses them too confirms it by itself.',
  },
  vault_unreadable: {
    status: 500,
    retry: 'after_fix',
    who: 'operator',
    meaning:
      'A stored secret does not open: it was altered, belongs elsewhere, or was sealed under another master key.',
    fix: 'Start with the master key that sealed it; if that key is lost, the customer has to connect again.',
  },
  vault_key_invalid: {
    status: 500,
    retry: 'after_fix',
    who: 'operator',
    meaning: 'The master key is missing, has the wrong length, or its file can be read by others.',
    fix: 'Give 32 bytes as 64 hex digits or as base64; a key file must be readable by its owner only (chmod 600).',
  },
});
