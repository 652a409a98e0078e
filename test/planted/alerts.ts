import type { PlantedDefect } from './types.ts';

export const alertDefects: PlantedDefect[] = [
  {
    name: 'a process that lost its turn keeps what it found all the same',
    file: 'src/alerts/look.ts',
    find: 'if (!(await holdAlertTurn(tx, tenant, { worker, leaseMs: deps.leaseMs ?? limits.alertLeaseMs }))) return null;',
    replace: '',
    suite: 'test/alerts/turns.test.ts',
  },
  {
    name: 'an alert is over at the first look that does not see its problem',
    file: 'src/alerts/steps.ts',
    find: 'const isOver = row.goneAt !== null && settledAt(goneAt, row.key, past) <= now;',
    replace: 'const isOver = row.goneAt !== null;',
    suite: 'test/alerts/steps.test.ts',
  },
  {
    name: 'each object of a connection that stands is told of as well',
    file: 'src/alerts/stream-problems.ts',
    find: 'if (!isReadable(connection.state as ConnectionState)) return [];',
    replace: '',
    suite: 'test/alerts/problems.test.ts',
  },
  {
    name: 'a name in a chat message can call everybody',
    file: 'src/alerts/message.ts',
    find: ".replaceAll('<', '&lt;')",
    replace: '',
    suite: 'test/alerts/messages.test.ts',
  },
  {
    name: 'mail goes in the clear where somebody says that there is no TLS',
    file: 'src/alerts/send-mail.ts',
    find: '{ requireTLS: !secure }',
    replace: '{ requireTLS: false }',
    suite: 'test/alerts/mail.test.ts',
  },
  {
    name: 'a command that is advised does not say for which customer',
    file: 'src/alerts/stream-problems.ts',
    find: '`--tenant ${tenant} --connection',
    replace: '`--connection',
    suite: 'test/alerts/problems.test.ts',
  },
  {
    name: 'limits of a minute are told as running out all day long',
    file: 'src/app/alerts/alert-facts.ts',
    find: 'if (windowS * 1_000 < limits.budgetToldWindowMs) return [];',
    replace: '',
    suite: 'test/app/object-condition.test.ts',
  },
];
