import type { WorldTicket } from '../../world/index.ts';

/** The day on which somebody will look at a waiting ticket again; null for tickets that wait for nothing. */
export function followUpDay(ticket: WorldTicket, bits: number): string | null {
  if (ticket.status !== 'hold' && ticket.status !== 'pending') return null;
  const days = 1 + ((bits >>> 5) % 30);
  return new Date(ticket.modifiedAt.getTime() + days * 86_400_000).toISOString().slice(0, 10);
}
