import type { Effect } from '../../kit/index.ts';
import type { Org } from '../org.ts';
import { placeByAddress } from '../rows/world-sources.ts';
import type { Value } from '../schema/field.ts';
import { apexTriggers, flows } from '../setup/automations.ts';
import { saveError, type SaveError } from './save-error.ts';
import { childRows } from './children.ts';
import type { ValueIndexes } from './value-index.ts';

/** A record that is being saved, as the org's automations see it. */
export interface Saving {
  readonly org: Org;
  readonly indexes: ValueIndexes;
  readonly object: string;
  readonly op: 'create' | 'update';
  /** Null before a new record has one. */
  readonly id: string | null;
  /** By storage name, as the record will be. */
  read(storage: string): Value;
  /** Whether the save gives the field another value; of a new record whether it has one. */
  changes(storage: string): boolean;
  /** Makes a record as a part of the same save. */
  create(object: string, values: Readonly<Record<string, Value>>, cause: string): void;
  /** Something leaves the org. */
  send(effect: Omit<Effect, 'op'>): void;
}

/** Values that flows before the save put into the record, with the flow's name; or why the save is refused. */
export type BeforeSave =
  | { readonly kind: 'values'; readonly values: ReadonlyMap<string, Value>; readonly cause: string | null }
  | { readonly kind: 'refused'; readonly error: SaveError };

/** Flows and triggers before a save, in the platform's order: flows first. */
export function runBeforeSave(saving: Saving): BeforeSave {
  const values = new Map<string, Value>();
  let cause: string | null = null;
  for (const [name, run] of Object.entries(BEFORE_FLOWS)) {
    if (!startsFlow(name, 'RecordBeforeSave', saving)) continue;
    for (const [storage, value] of run(saving)) {
      values.set(storage, value);
      cause = name;
    }
  }
  for (const [name, run] of Object.entries(BEFORE_TRIGGERS)) {
    const error = startsTrigger(name, 'Before', saving) ? run(saving) : null;
    if (error !== null) return { kind: 'refused', error };
  }
  return { kind: 'values', values, cause };
}

/** Triggers after the save, then flows. */
export function runAfterSave(saving: Saving): void {
  for (const [name, run] of Object.entries(AFTER_TRIGGERS)) if (startsTrigger(name, 'After', saving)) run(saving, name);
  for (const [name, run] of Object.entries(AFTER_FLOWS))
    if (startsFlow(name, 'RecordAfterSave', saving)) run(saving, name);
}

function startsFlow(name: string, trigger: string, { object, op }: Saving): boolean {
  const flow = flows.find((one) => one.name === name);
  if (flow === undefined || flow.activeVersion === null || flow.trigger !== trigger || flow.object !== object)
    return false;
  return flow.recordTrigger === 'CreateAndUpdate' || flow.recordTrigger === (op === 'create' ? 'Create' : 'Update');
}

function startsTrigger(name: string, when: 'Before' | 'After', { object, op }: Saving): boolean {
  const trigger = apexTriggers.find((one) => one.name === name);
  const usage = `${when}${op === 'create' ? 'Insert' : 'Update'}`;
  return trigger !== undefined && trigger.active && trigger.object === object && trigger.usages.includes(usage);
}

type Values = readonly (readonly [storage: string, value: Value])[];

const BEFORE_FLOWS: Readonly<Record<string, (saving: Saving) => Values>> = {
  Vertriebsgebiet_aus_Adresse: ({ read, changes }) => {
    if (!changes('BillingCountry') && !changes('BillingPostalCode')) return [];
    const [country, postalCode, employees] = ['BillingCountry', 'BillingPostalCode', 'NumberOfEmployees'].map(read);
    const place = placeByAddress(text(country), text(postalCode), typeof employees === 'number' ? employees : 0);
    if (place === null) return [];
    return [
      ['Region__c', place.region],
      ['Vertriebsgebiet__c', place.territory],
    ];
  },
};

const BEFORE_TRIGGERS: Readonly<Record<string, (saving: Saving) => SaveError | null>> = {
  AccountDublettenpruefung: ({ org, indexes, read }) => {
    const field = org.schema.field('Account', 'Website');
    const website = text(read('Website'));
    const [row] = field === undefined || website === '' ? [] : indexes.find('Account', field, website);
    if (row === undefined) return null;
    const id = org.table('Account').id(row);
    return saveError('FIELD_CUSTOM_VALIDATION_EXCEPTION', `Diese Website gehört schon zu ${id}.`, ['Website']);
  },
};

const AFTER_TRIGGERS: Readonly<Record<string, (saving: Saving, name: string) => void>> = {
  OpportunityWarenwirtschaft: ({ id, send }, name) => send({ object: 'Warenwirtschaft', id: id ?? '', cause: name }),
};

const AFTER_FLOWS: Readonly<Record<string, (saving: Saving, name: string) => void>> = {
  Vertrag_anlegen_bei_Gewinn: (saving, name) => {
    const { org, id, read, changes, create } = saving;
    if (!changes('Vertriebsphase__c') || read('Vertriebsphase__c') !== 'Gewonnen' || id === null) return;
    const account = read('AccountId');
    const link = org.schema.field('Vertrag__c', 'Opportunity__c');
    if (account === null || link === undefined || childRows(org, 'Vertrag__c', link, id).length > 0) return;
    const value = read('Auftragswert__c');
    create(
      'Vertrag__c',
      {
        Konto__c: account,
        Opportunity__c: id,
        OwnerId: read('OwnerId'),
        Beginn__c: read('CloseDate'),
        Ende__c: yearLater(read('CloseDate')),
        Monatswert__c: typeof value === 'number' ? Math.round((value * 100) / 12) / 100 : null,
        Status__c: 'Entwurf',
      },
      name,
    );
  },
  Vertrag_Ablauf_melden: ({ read, changes, create }, name) => {
    if (!changes('Ende__c')) return;
    const subject = `Neues Vertragsende: ${text(read('Ende__c')) || 'offen'}`;
    create('Task', { Subject: subject, WhatId: read('Konto__c'), OwnerId: read('OwnerId') }, name);
  },
};

function yearLater(date: Value): Value {
  if (typeof date !== 'string') return null;
  const end = new Date(`${date}T00:00:00Z`);
  end.setUTCFullYear(end.getUTCFullYear() + 1);
  end.setUTCDate(end.getUTCDate() - 1);
  return end.toISOString().slice(0, 10);
}

function text(value: Value | undefined): string {
  return typeof value === 'string' ? value : '';
}
