import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { topicNames, topics } from '../../src/alerts/index.ts';
import { alertTargetsIn } from '../../src/app/alerts/alert-config.ts';
import { limits } from '../../src/kernel/index.ts';
import {
  loadProject,
  planChange,
  type AlertSettings,
  type LoadResult,
  type Manifest,
} from '../../src/manifest/index.ts';

const load = (alerts: string): LoadResult =>
  loadProject(new Map([['gantry.yaml', `gantry: 1\nproject: one\n${alerts}`]]), {
    connectors: [],
    tools: [],
    alertTopics: topicNames,
  });

function manifestOf(alerts: string): Manifest {
  const result = load(alerts);
  if (result.kind === 'problems') throw new Error(JSON.stringify(result.problems));
  return result.manifest;
}

const settingsOf = (alerts: string): AlertSettings | undefined => manifestOf(alerts).alerts;

describe('alerts in gantry.yaml', () => {
  it('say who is told of what', () => {
    const settings = settingsOf(`alerts:
  remind: 3d
  routes:
    desk: { topics: [connection.*], tenants: [acme, eu-*], severity: info, to: slack }
    ops: { to: { email: [ops@example.com] } }
`);
    expect(settings?.remindMs).toBe(3 * 86_400_000);
    expect([...(settings?.routes.values() ?? [])]).toEqual([
      { name: 'desk', topics: ['connection.*'], tenants: ['acme', 'eu-*'], severity: 'info', to: { kind: 'slack' } },
      {
        name: 'ops',
        topics: ['*'],
        tenants: ['*'],
        severity: 'warning',
        to: { kind: 'email', addresses: ['ops@example.com'] },
      },
    ]);
    expect(settingsOf('')).toBeUndefined();
    expect(settingsOf('alerts: {}')).toEqual({ remindMs: limits.alertRemindMs, routes: new Map() });
    expect(settingsOf('alerts: { remind: never }')?.remindMs).toBeNull();
  });

  it.each([
    [
      'a topic that there is not',
      '{ topics: [conection.sign_in], to: slack }',
      /There is no topic `conection\.sign_in`/,
      ['connection.sign_in'],
    ],
    ['a glob that no topic fits', '{ topics: [conn.*], to: slack }', /There is no topic `conn\.\*`/, undefined],
    [
      'an address that is a list',
      '{ to: { email: ["a@example.com, b@example.com"] } }',
      /must be an e-mail address/,
      undefined,
    ],
    [
      'an address with a line of its own',
      '{ to: { email: ["a@example.com\\nBcc: b@example.com"] } }',
      /must be an e-mail address/,
      undefined,
    ],
    ['a secret in the clear', '{ to: slack, url: https://hooks.example }', /`url` is not a key/, undefined],
    ['nowhere', '{ topics: [sync.*] }', /`to` is missing/, undefined],
  ])('refuse %s', (_what, route, message, suggestions) => {
    const result = load(`alerts: { routes: { ops: ${route} } }`);
    expect(result.kind).toBe('problems');
    const [problem] = result.kind === 'problems' ? result.problems : [];
    expect(problem?.message).toMatch(message);
    if (suggestions !== undefined) expect(problem?.suggestions[0]).toBe(suggestions[0]);
  });

  it('are planned route by route, and take nothing from any agent', () => {
    const before = manifestOf('alerts: { routes: { a: { to: slack }, b: { to: webhook } } }');
    const after = manifestOf('alerts: { remind: 1h, routes: { a: { to: webhook } } }');
    const { changes, breaks } = planChange(before, after, { today: '2026-03-01', tenants: [] });
    expect(changes.map(({ action, kind, name }) => `${action} ${kind} ${name}`)).toEqual([
      'remove alert_route b',
      'change project one',
      'change alert_route a',
    ]);
    expect(breaks).toEqual([]);
    // A project without alerts means the same as before there were any.
    expect(planChange(manifestOf(''), manifestOf(''), { today: '2026-03-01', tenants: [] }).changes).toEqual([]);
  });
});

describe('where routes lead', () => {
  const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

  it('is read from the environment, by the name of the route', () => {
    const { urls, secrets, mail } = alertTargetsIn({
      GANTRY_ALERT_ON_CALL_URL: 'https://example.com/hook',
      GANTRY_ALERT_ON_CALL_SECRET: secret,
      GANTRY_SMTP_URL: 'smtp://gan%40try:p%3Aw@mail.example.com',
      GANTRY_SMTP_FROM: 'gantry@example.com',
    });
    expect([...urls]).toEqual([['on_call', 'https://example.com/hook']]);
    expect([...secrets]).toEqual([['on_call', secret]]);
    expect(mail).toMatchObject({
      host: 'mail.example.com',
      port: 587,
      secure: false,
      plain: false,
      user: 'gan@try',
      password: 'p:w',
      from: 'gantry@example.com',
      ca: null,
    });
    expect(alertTargetsIn({}).mail).toBeNull();
  });

  it('is in the clear for a mail server on this machine only, and never with a password', () => {
    const plain = (url: string) =>
      alertTargetsIn({ GANTRY_SMTP_URL: url, GANTRY_SMTP_FROM: 'g@example.com' }).mail?.plain;
    expect(plain('smtp://127.0.0.1:2525')).toBe(true);
    expect(plain('smtp://mail.example.com')).toBe(false);
    expect(plain('smtp://user:secret@127.0.0.1')).toBe(false);
    expect(plain('smtps://127.0.0.1')).toBe(false);
  });

  it.each([
    [{ GANTRY_ALERT_OPS_URL: 'ftp://hidden.example' }, 'GANTRY_ALERT_OPS_URL'],
    [{ GANTRY_ALERT_OPS_SECRET: 'hidden' }, 'GANTRY_ALERT_OPS_SECRET'],
    [{ GANTRY_SMTP_URL: 'mail.hidden.example' }, 'GANTRY_SMTP_URL'],
    [{ GANTRY_SMTP_URL: 'smtp://mail.example.com' }, 'GANTRY_SMTP_FROM'],
    [{ GANTRY_SMTP_URL: 'smtp://mail.example.com', GANTRY_SMTP_FROM: 'a@b.c\r\nBcc: hidden@x.y' }, 'GANTRY_SMTP_FROM'],
  ])('is refused without repeating it: %j', (env, where) => {
    try {
      alertTargetsIn(env);
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ code: 'config_invalid', details: { where } });
      expect((error as Error).message).not.toContain('hidden');
    }
  });
});

describe('the page', () => {
  it('has every topic with its severity, its time and its meaning', async () => {
    const page = await readFile('docs/alerts.md', 'utf8');
    const rows = [...page.matchAll(/^\| `([a-z_]+\.[a-z_]+)` +\| (\w+) +\| (.+?) +\| (.+?) +\|$/gm)];
    expect(rows.map(([, topic]) => topic)).toEqual(topicNames);
    for (const [, topic = '', severity, after, meaning] of rows) {
      const spec = topics[topic as keyof typeof topics];
      expect([topic, severity, after, meaning]).toEqual([topic, spec.severity, inWords(spec.afterMs), spec.meaning]);
    }
  });
});

function inWords(ms: number): string {
  const days = ms / 86_400_000;
  if (ms === 0) return 'at once';
  if (Number.isInteger(days)) return days === 1 ? '1 day' : `${String(days)} days`;
  return `${String(ms / 60_000)} min`;
}
