/**
 * The life of one write, as a full table. What a row does not name cannot
 * happen in that state; the test has every cell.
 *
 * - planned: thought through; not accepted, or a later step of its plan
 * - queued: accepted; to be sent, now or later
 * - sending: kept as about to be sent; from here on it may have taken effect
 * - outcome_unknown: sent, or perhaps sent, and no answer says what became of it
 * - reconciling: the provider is being asked, by reading alone
 * - needs_human: reading did not tell; somebody has to look
 * - succeeded: it stands there
 * - failed: nothing was written; `code` says why
 * - cancelled: taken back before it was sent
 * - expired: its deadline passed before it was sent; it never will be
 */
export type WriteState =
  | 'planned'
  | 'queued'
  | 'sending'
  | 'outcome_unknown'
  | 'reconciling'
  | 'needs_human'
  | 'succeeded'
  | 'failed'
  | 'cancelled'
  | 'expired';

/**
 * - released: its plan was accepted, and the steps before it are done
 * - recalled: people are asked about its plan again
 * - taken: it is kept as about to be sent
 * - not_sent: surely nothing left; it may go later
 * - applied, refused: the provider's word
 * - conflicted: the record is not as it was planned for, or may not be written any more; nothing was sent
 * - try_again: the provider took nothing, and may later
 * - exhausted: that happened too often
 * - lost: no answer, or its worker is gone
 * - asked: somebody begins to find out
 * - found: it stands there; absent: it surely does not; unclear: not yet known; given_up: nobody will know by reading
 * - said_applied, said_failed, sent_again: a person's word
 */
export type WriteEvent =
  | 'released'
  | 'recalled'
  | 'taken'
  | 'not_sent'
  | 'applied'
  | 'refused'
  | 'conflicted'
  | 'try_again'
  | 'exhausted'
  | 'lost'
  | 'asked'
  | 'found'
  | 'absent'
  | 'unclear'
  | 'given_up'
  | 'said_applied'
  | 'said_failed'
  | 'sent_again'
  | 'cancelled'
  | 'expired';

type Row = Readonly<Record<WriteEvent, WriteState | null>>;
/** `null`: the event cannot happen in that state; it is ignored, and a person's word is refused. */
type Table = Readonly<Record<WriteState, Row>>;

const nothing: Row = {
  released: null,
  recalled: null,
  taken: null,
  not_sent: null,
  applied: null,
  refused: null,
  conflicted: null,
  try_again: null,
  exhausted: null,
  lost: null,
  asked: null,
  found: null,
  absent: null,
  unclear: null,
  given_up: null,
  said_applied: null,
  said_failed: null,
  sent_again: null,
  cancelled: null,
  expired: null,
};

export const writeTable: Table = {
  planned: { ...nothing, released: 'queued', cancelled: 'cancelled', expired: 'expired' },
  queued: {
    ...nothing,
    recalled: 'planned',
    taken: 'sending',
    conflicted: 'failed',
    cancelled: 'cancelled',
    expired: 'expired',
  },
  sending: {
    ...nothing,
    not_sent: 'queued',
    applied: 'succeeded',
    refused: 'failed',
    conflicted: 'failed',
    try_again: 'queued',
    exhausted: 'failed',
    lost: 'outcome_unknown',
  },
  outcome_unknown: { ...nothing, asked: 'reconciling', given_up: 'needs_human' },
  reconciling: {
    ...nothing,
    lost: 'outcome_unknown',
    found: 'succeeded',
    absent: 'queued',
    // A job that was gone on with says so.
    refused: 'failed',
    // Proven that it does not stand there, and too late or too often to send it again.
    exhausted: 'failed',
    unclear: 'outcome_unknown',
    given_up: 'needs_human',
  },
  needs_human: { ...nothing, said_applied: 'succeeded', said_failed: 'failed', sent_again: 'queued' },
  succeeded: nothing,
  // Nothing was written, so that sending it again is a new try of the same.
  failed: { ...nothing, sent_again: 'queued' },
  cancelled: nothing,
  expired: nothing,
};

export const writeStates = Object.keys(writeTable) as readonly WriteState[];

export const nextWriteState = (state: WriteState, event: WriteEvent): WriteState | null => writeTable[state][event];

/** The states in which this can happen. */
export const writeStatesBefore = (event: WriteEvent): readonly WriteState[] =>
  writeStates.filter((state) => writeTable[state][event] !== null);

/** Accepted, and nobody may say yet that it is over: later writes to the same record wait. */
export const isOpen = (state: WriteState): boolean =>
  state === 'queued' || state === 'sending' || state === 'outcome_unknown' || state === 'reconciling';

/** It can still take effect by itself, or somebody has to say what became of it: its plan has not ended. */
export const isUnsettled = (state: WriteState): boolean =>
  isOpen(state) || state === 'planned' || state === 'needs_human';
