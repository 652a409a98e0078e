import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

/** Takes every mail, and forgets it. */
export interface MailSink {
  /** `smtp://127.0.0.1:2525`: without a password and in the clear, as is allowed on one machine. */
  readonly url: string;
  close(): Promise<void>;
}

const ANSWERS: readonly (readonly [RegExp, string])[] = [
  [/^data$/i, '354 go on'],
  [/^quit$/i, '221 bye'],
];

export async function startMailSink(): Promise<MailSink> {
  const server = createServer((socket) => {
    let rest = '';
    let inMail = false;
    socket.on('error', () => undefined);
    socket.write('220 sink\r\n');
    socket.on('data', (chunk: Buffer) => {
      const lines = `${rest}${chunk.toString()}`.split('\r\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (inMail && line !== '.') continue;
        const answer = inMail ? '250 taken' : (ANSWERS.find(([word]) => word.test(line))?.[1] ?? '250 ok');
        inMail = !inMail && answer.startsWith('354');
        socket.write(`${answer}\r\n`);
        if (answer.startsWith('221')) socket.end();
      }
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `smtp://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
      }),
  };
}
