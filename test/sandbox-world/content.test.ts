import { describe, expect, it } from 'vitest';
import { contractNumber, endUserOfContact } from '../../sandbox/world/index.ts';
import { ANCHOR, all, worldOf } from './worlds.ts';

const DAY_MS = 86_400_000;
const world = worldOf(20_000);
const { counts } = world;
const accounts = [...all(counts.accounts, world.account)];
const opportunities = [...all(counts.opportunities, world.opportunity)];

describe('accounts', () => {
  it('have unique domains, names and customer numbers even in the largest world', () => {
    const large = worldOf(1_000_000, 9);
    const domains = new Set<string>();
    const names = new Set<string>();
    const numbers = new Set<string>();
    for (const account of all(large.counts.accounts, large.account)) {
      domains.add(account.domain);
      names.add(account.name.toLowerCase());
      numbers.add(account.customerNumber);
    }
    expect([domains.size, names.size, numbers.size]).toEqual(Array(3).fill(large.counts.accounts));
    for (const domain of domains) if (!/^[a-z0-9-]+\.example$/.test(domain)) expect.fail(domain);
  });

  it('belong to parents in chains that end', () => {
    const withParent = accounts.filter((account) => account.parent !== null);
    expect(withParent.length).toBeGreaterThan(accounts.length / 20);
    for (const start of withParent) {
      let steps = 0;
      for (let at = start.parent; at !== null; at = accounts[at]?.parent ?? null) {
        steps += 1;
        if (steps > 50) expect.fail('a parent chain does not end');
      }
    }
  });

  it('have segments, sizes and owners that fit', () => {
    for (const { segment, employees, owner } of accounts) {
      if (segment === 'Enterprise') expect(employees).toBeGreaterThanOrEqual(800);
      if (segment === 'Kleinunternehmen') expect(employees).toBeLessThanOrEqual(75);
      expect(['sales', 'success']).toContain(world.user(owner).team);
    }
  });
});

describe('people', () => {
  it('write from their company, and no two from one address', () => {
    const large = worldOf(1_000_000, 4);
    const seen = new Set<string>();
    for (const contact of all(large.counts.contacts, large.contact)) {
      seen.add(contact.email);
      if (!/^[a-z0-9.-]+@[a-z0-9-]+\.example$/.test(contact.email)) expect.fail(contact.email);
    }
    expect(seen.size).toBe(large.counts.contacts);
    for (const contact of all(counts.contacts, world.contact))
      expect(contact.email.endsWith(`@${accounts[contact.account]?.domain}`)).toBe(true);
  });

  it('on the staff have unique addresses, a leading admin and some leavers', () => {
    const staff = [...all(worldOf(1_000_000).counts.users, worldOf(1_000_000).user)];
    expect(new Set(staff.map((user) => user.email)).size).toBe(staff.length);
    expect(staff.every((user) => user.email.endsWith(`@${world.company.domain}`))).toBe(true);
    expect(staff[0]).toMatchObject({ team: 'sales-ops', active: true });
    expect(worldOf(2_000).user(13).active).toBe(false);
    expect(new Set(staff.map((user) => user.team)).size).toBe(4);
  });
});

describe('deals and meetings', () => {
  it('have stages that fit their dates', () => {
    for (const deal of opportunities) {
      const closed = deal.stage === 'Gewonnen' || deal.stage === 'Verloren';
      if (closed) expect(deal.closeDate.getTime()).toBeLessThanOrEqual(deal.modifiedAt.getTime());
      else expect(Math.abs(deal.closeDate.getTime() - ANCHOR.getTime())).toBeLessThan(200 * DAY_MS);
      expect(deal.closeDate.getTime() % DAY_MS).toBe(0);
      expect(Number.isInteger(Math.round(deal.amountEur * 1e6) / 1e4)).toBe(true);
      if (accounts[deal.account]?.status === 'Gekündigt') expect(closed).toBe(true);
    }
    const open = opportunities.filter(({ stage }) => stage !== 'Gewonnen' && stage !== 'Verloren');
    expect(open.length / opportunities.length).toBeGreaterThan(0.15);
    expect(open.some(({ closeDate }) => closeDate < ANCHOR)).toBe(true);
    expect(open.some(({ closeDate }) => closeDate > ANCHOR)).toBe(true);
  });

  it('take place on weekdays with people of the account', () => {
    for (const meeting of all(counts.meetings, world.meeting)) {
      expect([0, 6]).not.toContain(meeting.startsAt.getUTCDay());
      if (meeting.contact !== null) expect(world.contact(meeting.contact).account).toBe(meeting.account);
    }
  });
});

describe('tickets', () => {
  const tickets = [...all(counts.tickets, world.ticket)];

  it('come from people of the account who may write to support', () => {
    for (const ticket of tickets) {
      expect(world.accountOf('contacts', ticket.requester)).toBe(ticket.account);
      expect(endUserOfContact(ticket.requester)).not.toBeNull();
      if (ticket.assignee !== null) expect(world.user(ticket.assignee).team).toBe('support');
    }
  });

  it('name contracts that a won deal of the same account led to', () => {
    const named = tickets.filter((ticket) => ticket.contractNumber !== null);
    expect(named.length).toBeGreaterThan(tickets.length / 20);
    for (const ticket of named) {
      const deals = world.childrenOf('opportunities', ticket.account);
      const deal = deals.find((index) => contractNumber(index) === ticket.contractNumber);
      expect(deal === undefined ? null : world.opportunity(deal).stage).toBe('Gewonnen');
    }
  });

  it('are few for most accounts and dozens for some', () => {
    const perAccount = accounts.map((_account, index) => world.childrenOf('tickets', index).length);
    const share = (wanted: (count: number) => boolean): number => perAccount.filter(wanted).length / perAccount.length;
    expect(share((count) => count < 5)).toBeGreaterThan(0.5);
    expect(share((count) => count > 10)).toBeGreaterThan(0.05);
    expect(share((count) => count > 10)).toBeLessThan(0.25);
    expect(share((count) => count >= 24)).toBeGreaterThan(0.01);
  });

  it('hold the text that people and attackers really write', () => {
    const text = tickets.map((ticket) => `${ticket.subject}\n${ticket.description}`).join('\n\n');
    for (const sample of [
      /[äöüß]/,
      /\p{Extended_Pictographic}/u,
      /"/,
      /'/,
      /ignore previous instructions/i,
      /<script>/,
      /drop table/,
      /\u202E/,
    ])
      expect(text).toMatch(sample);
    const hostile = tickets.filter((ticket) => /ignore previous instructions|ignoriere alle/i.test(ticket.description));
    expect(hostile.length / tickets.length).toBeLessThan(0.02);
  });
});
