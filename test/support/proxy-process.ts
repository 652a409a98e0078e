import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';

/** A proxy as customers' networks have them: CONNECT only. Argument: the name and password that it wants, if any. */
const wanted = process.argv[2] ?? '';
const server = createServer((_, response) => {
  // A request that is not tunnelled is none that this proxy knows.
  response.writeHead(405).end();
});
server.on('connect', (request, socket) => {
  const pair = Buffer.from((request.headers['proxy-authorization'] ?? '').replace('Basic ', ''), 'base64').toString();
  if (pair !== wanted) {
    socket.end('HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n');
    return;
  }
  const [host = '', port = ''] = (request.url ?? '').split(':');
  process.stdout.write(`${request.url ?? ''}\n`);
  const onward = connect(Number(port), host);
  onward.once('connect', () => {
    socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    onward.pipe(socket);
    socket.pipe(onward);
  });
  onward.on('error', () => socket.end('HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n'));
  socket.on('error', () => onward.destroy());
  socket.on('close', () => onward.destroy());
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`listening ${String((server.address() as AddressInfo).port)}\n`);
});
