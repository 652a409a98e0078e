import { family } from './spec.ts';

export const lensErrors = family({
  sql_failed: {
    status: 422,
    retry: 'never',
    who: 'agent',
    meaning:
      'The statement failed while it ran. Which value made it fail is not told: it could be one that the caller may not see.',
    fix: 'Use try_cast, nullif(divisor, 0) and simpler expressions, or ask with query_records.',
  },
  sql_timeout: {
    status: 422,
    retry: 'never',
    who: 'agent',
    meaning: 'The statement did not end within its time and was stopped.',
    fix: 'Filter earlier, join on keys, select fewer rows, or ask with query_records.',
  },
  sql_result_too_large: {
    status: 413,
    retry: 'never',
    who: 'agent',
    meaning: 'The rows of the answer hold more text than one answer may carry.',
    fix: 'Select fewer or shorter columns, or add a lower limit.',
  },
  lens_timeout: {
    status: 504,
    retry: 'later',
    who: 'operator',
    meaning: 'A structured query did not end within its time.',
    fix: 'Narrow the filter and try again; if it persists, tell the operator.',
  },
  lens_query_too_large: {
    status: 422,
    retry: 'never',
    who: 'agent',
    meaning: 'A structured query needs more memory, deeper expressions or a longer answer than one query may have.',
    fix: 'Ask for fewer columns, measures and conditions, or narrow the filter.',
  },
  lens_restarted: {
    status: 503,
    retry: 'later',
    who: 'operator',
    meaning: 'The process that answers queries was started anew while this one ran. Nothing was changed.',
    fix: 'Repeat the query.',
  },
  lens_building: {
    status: 503,
    retry: 'later',
    who: 'operator',
    meaning: 'The local copy of this tenant is being built and cannot answer yet.',
    fix: 'Repeat the query in some seconds.',
  },
  lens_owner_silent: {
    status: 503,
    retry: 'later',
    who: 'operator',
    meaning: 'The process that holds the local copy of this tenant does not answer; another one takes over in seconds.',
    fix: 'Repeat the query; if it persists, check that the processes reach each other (GANTRY_PEER_URL).',
  },
  lens_elsewhere: {
    status: 503,
    retry: 'later',
    who: 'operator',
    meaning: 'Another process has taken over the local copy of this tenant.',
    fix: 'Repeat the query.',
  },
  lens_disk_full: {
    status: 503,
    retry: 'after_fix',
    who: 'operator',
    meaning:
      'There is no room on the disk of the lens files. What is there still answers where it can; nothing newer is added, and nothing is lost, since the database has it.',
    fix: 'Make room in the data directory (GANTRY_DATA_DIR); the lens then goes on by itself within seconds.',
  },
  lens_snapshots_off: {
    status: 409,
    retry: 'after_fix',
    who: 'operator',
    meaning: 'Copies of lens files were asked for, and no place for them is set.',
    fix: 'Set GANTRY_LENS_SNAPSHOTS to a directory, on a disk that every process with lens files reaches, and start the server again.',
  },
  lens_file_in_use: {
    status: 503,
    retry: 'after_fix',
    who: 'operator',
    meaning: "Another process holds the tenant's lens file open; a file belongs to one process at a time.",
    fix: 'Stop the other process, or give each one a data directory of its own (GANTRY_DATA_DIR).',
  },
});
