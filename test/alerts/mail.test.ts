import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { afterEach, describe, expect, it } from 'vitest';
import { mailText, type MailServer } from '../../src/alerts/index.ts';
import { problemOf } from '../../src/alerts/problem.ts';
import { sendMail } from '../../src/alerts/send-mail.ts';
import type { Told } from '../../src/alerts/message.ts';
import { cert, key } from './certificate.ts';

const since = new Date('2026-03-01T12:00:00Z');

const toldOf = (name: string): Told => ({
  kind: 'opened',
  tenant: 'acme',
  alert: {
    ...problemOf({
      topic: 'connection.sign_in',
      subject: 'crm',
      since,
      title: `${name}: somebody has to sign in again`,
      detail: 'No longer accepted.',
      who: 'tenant_admin',
      fix: 'Sign in again.',
    }),
    id: 7,
    since,
    openedAt: since,
    resolvedAt: null,
  },
});

interface Taken {
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: string;
  readonly secure: boolean;
  readonly user: string | null;
}

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** A real mail server that takes what it is sent. */
async function openMailServer(options: SMTPServerOptions = {}) {
  const taken: Taken[] = [];
  const server = new SMTPServer({
    authOptional: true,
    logger: false,
    onAuth: ({ username, password }, _session, done) => {
      if (password === 'right') done(null, { user: username });
      else done(new Error('no such user or password'));
    },
    onData: (stream, session, done) => {
      let raw = '';
      stream.on('data', (chunk: Buffer) => {
        raw += chunk.toString();
      });
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        taken.push({
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          raw,
          secure: session.secure,
          user: typeof session.user === 'string' ? session.user : null,
        });
        done();
      });
    },
    ...options,
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve());
  });
  ends.push(() => new Promise((resolve) => server.close(() => resolve())));
  const { port } = server.server.address() as AddressInfo;
  return { taken, port };
}

const at = (port: number, more: Partial<MailServer> = {}): MailServer => ({
  host: '127.0.0.1',
  port,
  secure: false,
  plain: true,
  user: null,
  password: null,
  from: 'gantry@example.com',
  ca: null,
  ...more,
});

const mail = (server: MailServer, told: Told = toldOf('crm'), to: readonly string[] = ['ops@example.com']) =>
  sendMail({ timeoutMs: 5_000 }, server, { to, id: 'alert_1_7_opened_0_ops', mail: mailText(told) });

const headersOf = (raw: string): string => raw.slice(0, raw.indexOf('\r\n\r\n'));

describe('alerts by mail', () => {
  it('arrive at each address, as plain text, with one id however often they are sent', async () => {
    const { taken, port } = await openMailServer();
    const to = ['ops@example.com', 'lena@example.com'];
    expect(await mail(at(port), toldOf('crm'), to)).toEqual({ status: 250, cause: null, waitMs: null });
    expect(await mail(at(port), toldOf('crm'), to)).toMatchObject({ status: 250 });
    expect(taken.map((one) => one.to)).toEqual([to, to]);
    const [one] = taken;
    const headers = headersOf(one?.raw ?? '');
    expect(headers).toMatch(/^Subject: CRITICAL acme: crm: somebody has to sign in again$/m);
    expect(headers).toMatch(/^From: gantry@example\.com$/m);
    expect(headers).toMatch(/^Auto-Submitted: auto-generated$/m);
    expect(headers).toMatch(/^Content-Type: text\/plain; charset=utf-8$/m);
    const ids = taken.map(({ raw }) => /^Message-ID: (.*)$/m.exec(headersOf(raw))?.[1]);
    expect(ids).toEqual(['<alert_1_7_opened_0_ops@gantry.invalid>', '<alert_1_7_opened_0_ops@gantry.invalid>']);
    expect(one?.raw).toContain('To be put right by an administrator of the customer');
  });

  it.each([
    'crm\r\nBcc: thief@example.com',
    'crm\nSubject: You won\n\n<html>',
    'crm\u2028Bcc: thief@example.com',
    'crm\r\n.\r\nMAIL FROM:<thief@example.com>',
    '=?utf-8?q?crm=0D=0ABcc:_thief=40example.com?=',
  ])('a name cannot write headers: %j', async (name) => {
    const { taken, port } = await openMailServer();
    await mail(at(port), toldOf(name));
    expect(taken).toHaveLength(1);
    const [one] = taken;
    expect(one?.to).toEqual(['ops@example.com']);
    expect(one?.from).toBe('gantry@example.com');
    const names = headersOf(one?.raw ?? '')
      .split('\r\n')
      .filter((line) => !/^\s/.test(line))
      .map((line) => line.split(':')[0]);
    expect(names.filter((each) => each === 'Subject')).toHaveLength(1);
    expect(names).not.toContain('Bcc');
  });

  it('go over TLS or not at all', async () => {
    const tls = await openMailServer({ key, cert, hideSTARTTLS: false });
    expect(await mail(at(tls.port, { plain: false, ca: cert }))).toMatchObject({ status: 250 });
    expect(tls.taken[0]?.secure).toBe(true);
    // Somebody in between says that there is no TLS.
    const stripped = await openMailServer({ hideSTARTTLS: true });
    expect((await mail(at(stripped.port, { plain: false, ca: cert }))).cause).not.toBeNull();
    expect(stripped.taken).toEqual([]);
    // A certificate that nobody vouches for.
    const other = await openMailServer({ key, cert });
    expect((await mail(at(other.port, { plain: false }))).cause).not.toBeNull();
    expect(other.taken).toEqual([]);
    const first = await openMailServer({ key, cert, secure: true });
    expect(await mail(at(first.port, { plain: false, secure: true, ca: cert }))).toMatchObject({ status: 250 });
  });

  it('say what went wrong in words of ours', async () => {
    const refusing = await openMailServer({
      onRcptTo: (_address, _session, done) =>
        done(Object.assign(new Error('secret words of the server'), { responseCode: 550 })),
    });
    const refused = await mail(at(refusing.port));
    expect(refused.status).toBe(550);
    expect(JSON.stringify(refused)).not.toContain('secret words');
    const locked = await openMailServer({ key, cert, authOptional: false });
    const wrong = { plain: false, ca: cert, user: 'gantry', password: 'wrong' };
    expect(await mail(at(locked.port, wrong))).toMatchObject({ status: 535, cause: 'eauth' });
    expect(await mail(at(locked.port, { ...wrong, password: 'right' }))).toMatchObject({ status: 250 });
    expect(locked.taken[0]?.user).toBe('gantry');
    // Nobody listens there.
    expect(await mail(at(1))).toMatchObject({ status: null, cause: expect.stringMatching(/^[a-z_]+$/) });
  });
});
