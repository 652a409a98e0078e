import type { PlantedDefect } from './types.ts';

export const switchesDefects: PlantedDefect[] = [
  {
    name: 'a trigger throws another switch about what it has stopped already',
    file: 'src/switches/watch.ts',
    find: '|| (await isTriggered(tx, tenant, key))',
    replace: '',
    suite: 'test/switches/triggers.test.ts',
  },
  {
    name: 'what led to a switch throws it again when it is lifted',
    file: 'src/switches/manage.ts',
    find: 'await forgetSwitchWatch(tx, owner, { trigger, subject: triggerSubject });',
    replace: '',
    suite: 'test/switches/triggers.test.ts',
  },
  {
    name: 'one person under two names lifts a switch alone',
    file: 'src/switches/manage.ts',
    find: 'const own = [nameKey(by), ...aliases];',
    replace: 'const own = [by];',
    suite: 'test/switches/lift.test.ts',
  },
  {
    name: 'the addresses of the project are not asked who lifts a switch',
    file: 'src/app/switches/switch-use-cases.ts',
    find: 'const aliases = aliasesOf(await settings(), by);',
    replace: 'const aliases = aliasesOf({ ...(await settings()), people: new Map() }, by);',
    suite: 'test/switches/lift.test.ts',
  },
  {
    name: 'a plan that takes back counts as one that writes',
    file: 'src/write/watched.ts',
    find: 'if (isUndoPlan(plan)) return null;',
    replace: '',
    suite: 'test/switches/triggers.test.ts',
  },
  {
    name: 'nobody is told of a switch before the next look',
    file: 'src/switches/manage.ts',
    find: 'await alertTurnNow(tx, tenant);\n  const { trigger: name, figures } = trigger;',
    replace: 'const { trigger: name, figures } = trigger;',
    suite: 'test/switches/triggers.test.ts',
  },
  {
    name: 'the audit may be kept for a day less than six months',
    file: 'src/app/audit/audit-config.ts',
    find: 'days >= least && days <= most',
    replace: 'days >= least - 1 && days <= most',
    suite: 'test/app/config.test.ts',
  },
  {
    name: 'the time that is set for the audit is not heeded',
    file: 'src/app/housekeeping.ts',
    find: 'await inBatches(db, { tenant, days: auditKeepDays, signal }, pruneAudit);',
    replace: 'await inBatches(db, { tenant, days: limits.auditKeepDays, signal }, pruneAudit);',
    suite: 'test/audit/retention.test.ts',
  },
  {
    name: 'a connection whose system says nothing of rights counts as harmless',
    file: 'src/app/checklist/lines.ts',
    find: "if (admin.kind === 'none') return [];",
    replace: "if (admin.kind === 'none' || admin.kind === 'untold') return [];",
    suite: 'test/checklist/lines.test.ts',
  },
  {
    name: 'rules that were changed after the signature count as signed',
    file: 'src/app/checklist/lines.ts',
    find: 'against: by.rules === rules ? [] :',
    replace: 'against: by.rules !== "" ? [] :',
    suite: 'test/checklist/lines.test.ts',
  },
];
