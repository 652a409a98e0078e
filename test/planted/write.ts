import type { PlantedDefect } from './types.ts';

const send = 'test/write/send.test.ts';
const lost = 'test/write/lost.test.ts';
const processes = 'test/write/processes.test.ts';
const undo = 'test/write/undo.test.ts';
const unnamed = 'test/write/no-record.test.ts';
const reading = 'test/write/reading.test.ts';

export const writeDefects: PlantedDefect[] = [
  {
    name: 'a person says of a new record that it stands there, and not under which id',
    file: 'src/write/by-person.ts',
    find: '(said.word.recordId ?? write.recordId) === null) throw',
    replace: "(said.word.recordId ?? write.recordId) === '') throw",
    suite: unnamed,
  },
  {
    name: 'an undo says nothing of a new record whose id nobody said',
    file: 'src/write/undo/plan-undo.ts',
    find: 'return recordOf({ recordId, content }) === null ? ',
    replace: "return recordOf({ recordId, content }) === '' ? ",
    suite: unnamed,
  },
  {
    name: 'a plan counts as taken back while a record stands whose id nobody said',
    file: 'src/write/take-back/plan-take-back.ts',
    find: '...without(unnamed, NO_RECORD),',
    replace: '...without([], NO_RECORD),',
    suite: unnamed,
  },
  {
    name: 'a later step gets an empty text for a record whose id nobody said',
    file: 'src/write/steps/fill-results.ts',
    find: "(recordId === '' ? [] : [[item, recordId] as const])",
    replace: '[[item, recordId] as const]',
    suite: unnamed,
  },
  {
    name: 'one key is good for any number of records that say nothing of themselves',
    file: 'src/write/keep-plan.ts',
    find: 'note(`${name}${LENGTH}`, value.length);',
    replace: '',
    suite: send,
  },
  {
    name: 'a key that was kept before lengths were is refused',
    file: 'src/write/keep-plan.ts',
    find: '(Object.hasOwn(body, LENGTH) || !name.endsWith(LENGTH))',
    replace: 'Object.hasOwn(now, LENGTH)',
    suite: send,
  },
  {
    name: 'a plan that goes in many sendings is counted after each',
    file: 'src/write/keep-outcomes.ts',
    find: 'await followSent(tx, turn.turn, [...plans.values()], { entries, sent });',
    replace: 'await followPlans(tx, tenant, [...plans.values()], entries);',
    suite: 'test/write/statements.test.ts',
  },
  {
    name: 'a plan of which writes are still to be sent counts as ended',
    file: 'src/write/move-plan.ts',
    find: 'if (writes.length !== records || ',
    replace: 'if (writes.length === 0 || ',
    suite: 'test/write/statements.test.ts',
  },
  {
    name: 'a worker that stood still sends by what was true before',
    file: 'src/write/may-send.ts',
    find: 'deps.clock.monotonicMs() - startMs <= limits.writeSendWithinMs;',
    replace: 'deps.clock.monotonicMs() >= startMs;',
    suite: processes,
  },
  {
    name: 'a write whose worker died is sent again without being asked for',
    file: 'src/write/settle.ts',
    find: "state: 'outcome_unknown',\n          from: writeStatesBefore('lost'),",
    replace: "state: 'queued',\n          from: writeStatesBefore('lost'),",
    suite: processes,
  },
  {
    name: 'later writes to a record do not wait for earlier ones',
    file: 'src/store/write-queue.ts',
    find: "where turn = 1 and state = 'queued' and due_at <= $3",
    replace: "where turn >= 1 and state = 'queued' and due_at <= $3",
    suite: send,
  },
  {
    name: 'a write overwrites what somebody has changed since it was planned',
    file: 'src/write/images.ts',
    find: 'if (was === undefined || is === undefined || equal(is, was)) continue;',
    replace: 'if (was !== undefined || is === undefined || equal(is, was)) continue;',
    suite: send,
  },
  {
    name: 'what was approved is sent though the approval does not hold any more',
    file: 'src/write/send-batch.ts',
    find: 'if (!row.approved) return null;',
    replace: "if (!row.approved || row.id !== '') return null;",
    suite: send,
  },
  {
    name: 'an unknown outcome that nobody can prove counts as not written',
    file: 'src/write/outcome-move.ts',
    find: "return over\n        ? { ...none, event: 'given_up', code: 'unclear' }",
    replace: "return over\n        ? { ...none, event: 'absent', code: 'unclear' }",
    suite: lost,
  },
  {
    name: 'an undo takes back what somebody else has changed since',
    file: 'src/write/undo/compare.ts',
    find: "verdict: equal(now, ours) ? 'restored' : 'conflict' };",
    replace: "verdict: equal(now, ours) ? 'restored' : 'restored' };",
    suite: undo,
  },
  {
    name: 'what was asked as an attempt was kept does not say whether the connection works',
    file: 'src/write/send-batch.ts',
    find: 'maySend: works && inTime }',
    replace: 'maySend: works || inTime }',
    suite: send,
  },
  {
    name: 'an error of ours after a job was theirs says that nothing was sent',
    file: 'src/write/send-batch.ts',
    find: "(error.code !== 'internal' && !job.lost())",
    replace: "(error.code !== 'internal' && (!job.lost() || error.code !== ''))",
    suite: lost,
  },
  {
    name: 'a job whose number is not kept is asked for before a late effect had its time',
    file: 'src/write/keep-outcomes.ts',
    find: "const isAsked = result.kind !== 'not_sent' && result.jobKept;",
    replace: "const isAsked = result.kind !== 'not_sent' && (result.jobKept || sending.batch.form.job);",
    suite: lost,
  },
  {
    name: 'what a job never began counts as refused',
    file: 'src/write/settle.ts',
    find: "event: 'absent',\n        code: answer.refusal.code,",
    replace: "event: 'refused',\n        code: answer.refusal.code,",
    suite: lost,
  },
  {
    name: 'going on with a job may send',
    file: 'src/write/settle.ts',
    find: "Promise.reject(new Error('going on with a job sends nothing'));",
    replace: 'Promise.resolve() as Promise<never>;',
    suite: lost,
  },
  {
    name: 'what others changed before it was read counts as ours',
    file: 'src/write/images.ts',
    find: 'session.isSpelling?.(field, meant, stands) === true',
    replace: 'session.isSpelling?.(field, meant, stands) !== null',
    suite: undo,
  },
  {
    name: 'what the provider made of a value counts as theirs',
    file: 'src/write/images.ts',
    find: 'equal(meant, stands) || session.isSpelling?.(field, meant, stands) === true',
    replace: 'equal(meant, stands)',
    suite: undo,
  },
  {
    name: 'single writes to a slow system go by what was read long before',
    file: 'src/write/send-batch.ts',
    find: 'clock.monotonicMs() - readMs <= limits.writeReadingWithinMs',
    replace: 'clock.monotonicMs() >= readMs',
    suite: reading,
  },
  {
    name: 'what the system itself would refuse is read again for every single write',
    file: 'src/write/send-batch.ts',
    find: 'isConditional(batch) || ',
    replace: '',
    suite: reading,
  },
];
