export { contactOfEndUser, countsFor, endUserOfContact, MAX_SCALE, MIN_SCALE } from './counts.ts';
export { createWorld, type WorldOptions } from './create-world.ts';
export { contractNumber } from './opportunities.ts';
export { longId, parseSalesforceId, salesforceId } from './salesforce-id.ts';
export { COMPANY_IDS, type Company, type CompanyId } from './companies/company.ts';
export type {
  World,
  WorldAccount,
  WorldChildKind,
  WorldContact,
  WorldCounts,
  WorldKind,
  WorldMeeting,
  WorldOpportunity,
  WorldTicket,
  WorldUser,
} from './types.ts';
