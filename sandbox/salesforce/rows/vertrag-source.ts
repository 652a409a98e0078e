import {
  contractNumber,
  parseSalesforceId,
  salesforceId,
  type World,
  type WorldOpportunity,
} from '../../world/index.ts';
import type { Value } from '../schema/field.ts';
import { userId } from './identity.ts';
import { day, type BaseSource } from './source.ts';

/**
 * One contract per won opportunity. Which opportunities are won is found out
 * once, when the first question about contracts comes.
 */
export function vertragSource(world: World): BaseSource {
  let won: Int32Array | null = null;
  const opportunities = (): Int32Array => (won ??= wonOpportunities(world));
  const deal = (row: number): WorldOpportunity => world.opportunity(opportunities()[row] ?? 0);

  const rowOf = (opportunity: number): number | null => {
    const rows = opportunities();
    let [low, high] = [0, rows.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((rows[middle] ?? 0) < opportunity) low = middle + 1;
      else high = middle;
    }
    return rows[low] === opportunity ? low : null;
  };

  return {
    get count() {
      return opportunities().length;
    },
    createdMs: (row) => deal(row).modifiedAt.getTime(),
    modifiedMs: (row) => world.modifiedMs('opportunities', opportunities()[row] ?? 0),
    value: (row, storage) => contractValue(world, opportunities()[row] ?? 0, deal(row), storage),
    children: (storage, parentId) => {
      const parent = parseSalesforceId(parentId);
      if (parent === null) return [];
      if (storage === 'Opportunity__c' && parent.prefix === '006')
        return [rowOf(parent.index)].filter((row) => row !== null);
      if (storage !== 'Konto__c') return storage === 'Opportunity__c' ? [] : null;
      if (parent.prefix !== '001' || parent.index >= world.counts.accounts) return [];
      return world
        .childrenOf('opportunities', parent.index)
        .map(rowOf)
        .filter((row) => row !== null);
    },
  };
}

function wonOpportunities(world: World): Int32Array {
  const won: number[] = [];
  for (let index = 0; index < world.counts.opportunities; index += 1) {
    if (world.opportunity(index).stage === 'Gewonnen') won.push(index);
  }
  return Int32Array.from(won);
}

function contractValue(world: World, opportunity: number, deal: WorldOpportunity, storage: string): Value | undefined {
  switch (storage) {
    case 'Name':
      return contractNumber(opportunity);
    case 'Konto__c':
      return salesforceId('001', deal.account);
    case 'Opportunity__c':
      return salesforceId('006', opportunity);
    case 'OwnerId':
      return userId(deal.owner);
    case 'Beginn__c':
      return day(deal.closeDate);
    case 'Ende__c':
      return day(endOf(deal));
    case 'Monatswert__c':
      return Math.round((deal.amountEur * 100) / 12) / 100;
    case 'Status__c':
      return endOf(deal) < world.anchor ? 'Ausgelaufen' : 'Aktiv';
    default:
      return undefined;
  }
}

/** Contracts run for a year. */
function endOf(deal: WorldOpportunity): Date {
  const end = new Date(deal.closeDate);
  end.setUTCFullYear(end.getUTCFullYear() + 1);
  end.setUTCDate(end.getUTCDate() - 1);
  return end;
}
