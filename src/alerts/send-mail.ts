import { createTransport } from 'nodemailer';
import { crashPoint, limits, withinTime } from '../kernel/index.ts';
import type { AttemptResult } from '../subscriptions/index.ts';
import type { AlertDeps, MailServer } from './deps.ts';

/**
 * One mail to all of a route's addresses, by SMTP. Taken as accepted when the
 * server took it for at least one of them. `id`: the same at every attempt, so
 * that a mail which comes twice can be told from two. Raises nothing.
 */
export async function sendMail(
  deps: Pick<AlertDeps, 'timeoutMs'>,
  server: MailServer,
  {
    to,
    id,
    mail,
  }: {
    readonly to: readonly string[];
    readonly id: string;
    readonly mail: { readonly subject: string; readonly text: string };
  },
): Promise<AttemptResult> {
  const timeoutMs = deps.timeoutMs ?? limits.alertSendTimeoutMs;
  const { host, port, secure, plain, user, password, from, ca } = server;
  const transport = createTransport({
    host,
    port,
    secure,
    // Never in the clear because the server, or somebody in between, says that it cannot do otherwise.
    ...(plain ? { ignoreTLS: true } : { requireTLS: !secure }),
    ...(user === null ? {} : { auth: { user, pass: password ?? '' } }),
    tls: { minVersion: 'TLSv1.2', ...(ca === null ? {} : { ca }) },
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    crashPoint('alerts.mail.before_send');
    await withinTime(timeoutMs, undefined, (signal) =>
      Promise.race([
        transport.sendMail({
          from,
          to: [...to],
          ...mail,
          messageId: `<${id}@gantry.invalid>`,
          // Out-of-office answers to machines help nobody (RFC 3834).
          headers: { 'Auto-Submitted': 'auto-generated' },
        }),
        ended(signal),
      ]),
    );
    crashPoint('alerts.mail.after_send');
    return { status: 250, cause: null, waitMs: null };
  } catch (error) {
    return { status: responseCode(error), cause: causeOf(error), waitMs: null };
  } finally {
    transport.close();
  }
}

function ended(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}

/** The server's three digits (RFC 5321 §4.2); null: it said none. */
function responseCode(error: unknown): number | null {
  const code = error instanceof Error && 'responseCode' in error ? error.responseCode : null;
  return typeof code === 'number' && code >= 400 && code < 600 ? code : null;
}

/** nodemailer's own names of what went wrong; nothing that the server wrote. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'no_answer';
  if (error.name === 'TimeoutError') return 'timed_out';
  const code = 'code' in error ? error.code : null;
  return typeof code === 'string' && /^[A-Z][A-Z_0-9]{2,40}$/.test(code) ? code.toLowerCase() : 'no_answer';
}
