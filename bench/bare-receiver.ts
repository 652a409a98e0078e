/**
 * The least that could take webhooks: a server that commits one row for each
 * and then answers 204. `node --import tsx bench/bare-receiver.ts <database address>`
 * prints its own address.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';

const pool = new pg.Pool({ connectionString: process.argv[2], max: 10 });
await pool.query('create table if not exists told (nr bigserial primary key, body text not null)');

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    pool.query('insert into told (body) values ($1)', [Buffer.concat(chunks).toString()]).then(
      () => response.writeHead(204).end(),
      () => response.writeHead(503).end(),
    );
  });
});
server.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}`);
});
