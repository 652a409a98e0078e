import type { Value } from '../schema/field.ts';

type Read = (storage: string) => Value;
type Derivation = (read: Read) => Value;

const won: Derivation = (read) => read('StageName') === 'Closed Won';
const forecast: Derivation = (read) => (won(read) === true ? 'Closed' : 'Pipeline');
const account: Derivation = (read) => accountOf(read('WhatId'));

const derivations: Readonly<Record<string, Readonly<Record<string, Derivation>>>> = {
  Contact: { Name: fullName, MailingAddress: (read) => compoundAddress(read, 'Mailing') },
  Lead: { Name: fullName },
  User: { Name: fullName },
  Account: {
    BillingAddress: (read) => compoundAddress(read, 'Billing'),
    ShippingAddress: (read) => compoundAddress(read, 'Shipping'),
  },
  Opportunity: {
    IsClosed: (read) => won(read) === true || read('StageName') === 'Closed Lost',
    IsWon: won,
    ForecastCategory: forecast,
    ForecastCategoryName: forecast,
    ExpectedRevenue: (read) => expectedRevenue(read('Amount'), read('Probability')),
  },
  Event: {
    ActivityDateTime: (read) => read('StartDateTime'),
    ActivityDate: (read) => dayOf(read('StartDateTime')),
    EndDateTime: eventEnd,
    EndDate: (read) => dayOf(eventEnd(read)),
    AccountId: account,
  },
  Task: {
    AccountId: account,
    IsClosed: (read) => read('Status') === 'Completed',
    IsHighPriority: (read) => read('Priority') === 'High',
  },
  Case: { IsClosed: (read) => read('Status') === 'Closed' },
};

/** Fields that the platform computes from others of the same record, by storage name. */
export function derivationsOf(object: string): Readonly<Record<string, Derivation>> {
  return derivations[object] ?? {};
}

function fullName(read: Read): Value {
  const parts = [read('FirstName'), read('LastName')].filter((part) => typeof part === 'string' && part !== '');
  return parts.length === 0 ? null : (parts as string[]).join(' ');
}

function expectedRevenue(amount: Value, probability: Value): Value {
  if (typeof amount !== 'number' || typeof probability !== 'number') return null;
  return Math.round(amount * probability) / 100;
}

function eventEnd(read: Read): Value {
  const start = read('StartDateTime');
  const minutes = read('DurationInMinutes');
  return typeof start === 'number' && typeof minutes === 'number' ? start + minutes * 60_000 : start;
}

function dayOf(time: Value): Value {
  return typeof time === 'number' ? new Date(time).toISOString().slice(0, 10) : null;
}

function accountOf(what: Value): Value {
  return typeof what === 'string' && what.startsWith('001') ? what : null;
}

function compoundAddress(read: Read, prefix: string): Value {
  const part = (name: string): string | number | null => {
    const value = read(`${prefix}${name}`);
    return typeof value === 'string' || typeof value === 'number' ? value : null;
  };
  const parts = {
    city: part('City'),
    country: part('Country'),
    geocodeAccuracy: null,
    latitude: part('Latitude'),
    longitude: part('Longitude'),
    postalCode: part('PostalCode'),
    state: part('State'),
    street: part('Street'),
  };
  return Object.values(parts).every((value) => value === null) ? null : parts;
}
