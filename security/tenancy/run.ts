import { isJsonObject, type JsonObject } from '../../src/kernel/index.ts';
import { ask, type Asked } from '../stage/ask.ts';
import type { SecurityStage } from '../stage/security-stage.ts';
import { newTally, type Suite, type Tally } from '../suite.ts';
import { propertyOf, type Property } from './canaries.ts';
import { toolCalls } from './tool-calls.ts';

/** Every address and every tool, asked for what belongs to another customer. */
export const tenancy: Suite = {
  name: 'tenancy',
  what: 'every endpoint and tool with ids, names, cursors and links of another customer',
  run: async ({ stage: open, impatient }) => {
    const tally = newTally({ impatient });
    const stage = await open();
    const properties = [await propertyOf(stage, 'acme'), await propertyOf(stage, 'globex')] as const;
    const pairs = [properties, [properties[1], properties[0]]] as const;
    for (const [attacker, victim] of pairs) {
      const key = await stage[attacker.side].keyFor('renewals-copilot');
      const round: Round = { stage, tally, key, attacker, victim };
      const operations = await operationsOf(stage);
      for (const operation of operations) await byAgent(round, operation);
      for (const operation of operations) await byOperator(round, operation);
      await byTool(round);
    }
    // All that was tried left everything where it was.
    for (const { side, subscription, canary } of properties) {
      const there = await ask(stage, stage.operatorKey, 'GET', `/v1/subscriptions/${subscription}?tenant=${side}`);
      tally.check(
        there.status === 200 && there.text.includes(canary),
        () => `${side} lost its subscription: ${there.text}`,
      );
    }
    return tally.result();
  },
};

/** One customer against another. */
interface Round {
  readonly stage: SecurityStage;
  readonly tally: Tally;
  /** Of the attacker's widest agent. */
  readonly key: string;
  readonly attacker: Property;
  readonly victim: Property;
}

interface Operation {
  readonly method: string;
  readonly path: string;
}

async function operationsOf(stage: SecurityStage): Promise<readonly Operation[]> {
  const { body } = await ask(stage, '', 'GET', '/v1/openapi.json');
  const paths = isJsonObject(body) && isJsonObject(body['paths']) ? body['paths'] : {};
  const found = Object.entries(paths).flatMap(([path, item]) =>
    (isJsonObject(item) ? Object.keys(item) : [])
      .filter((method) => /^(get|post|put|delete|patch)$/.test(method))
      .map((method) => ({ method: method.toUpperCase(), path })),
  );
  if (found.length < 30) throw new Error('the OpenAPI document names hardly anything');
  return found;
}

/** The victim's ids wherever an address has a place for one. */
function addressed(path: string, { side, ...has }: Property): string {
  const fill = (name: string): string => {
    if (name === 'tenant') return side;
    if (name === 'principal' || name === 'user') return encodeURIComponent(has.principal);
    if (name === 'id') return path.includes('connect-tokens') ? has.connectToken : has.subscription;
    if (name === 'seq') return '1';
    if (/^(connection|slug|integration)$/.test(name)) return side === 'acme' ? 'crm' : 'erp';
    if (name === 'object') return side === 'acme' ? 'Account' : 'res.partner';
    if (name === 'name' && path.includes('/tools/')) return 'query_records';
    return '1';
  };
  return path.replace(/\{(\w+)\}/g, (_whole, name: string) => fill(name));
}

const bodyFor = (tenant: string, victim: Property): object => ({
  tenant,
  object: 'account',
  id: victim.account,
  connection: victim.side === 'acme' ? 'crm' : 'erp',
  principal: victim.principal,
});

const withTenant = (path: string, tenant: string): string => `${path}${path.includes('?') ? '&' : '?'}tenant=${tenant}`;

/** An agent's key opens its own customer's answers only, and no operator's door at all. */
async function byAgent({ stage, tally, key, attacker, victim }: Round, { method, path }: Operation): Promise<void> {
  for (const address of [addressed(path, victim), withTenant(addressed(path, victim), victim.side)]) {
    const answer = await ask(stage, key, method, address, bodyFor(victim.side, victim));
    tally.check(
      !answer.text.includes(victim.canary),
      () => `${attacker.side}'s agent, ${method} ${address}: ${shortly(answer)}`,
    );
    const acts = method !== 'GET' && !agentPaths.test(path);
    tally.check(
      !acts || [401, 403, 404].includes(answer.status),
      () => `${attacker.side}'s agent may ${method} ${address}: ${shortly(answer)}`,
    );
  }
}

const agentPaths = /^\/v1\/(tools|query|sql|records|catalog|describe|events)/;

/** Addresses that take ids which belong to a customer: with another customer's name they are unknown. */
const ofATenant = /\{(id|letter|principal|user)\}/;

/** An operator who names one customer is not shown, and does not change, what is another's. */
async function byOperator({ stage, tally, attacker, victim }: Round, { method, path }: Operation): Promise<void> {
  // Under its own name it is the victim's door, and the operator is everybody's.
  if (path.includes('{tenant}') || path.includes('/vault')) return;
  const given = (await tenantsOwn(path)) ? withTenant(addressed(path, victim), attacker.side) : null;
  if (given === null) return;
  // Whose ids are named by nobody else's: the rest is one's own and would be acted on.
  if (method !== 'GET' && !ofATenant.test(path)) return;
  const answer = await ask(stage, stage.operatorKey, method, given, { tenant: attacker.side });
  tally.check(
    !answer.text.includes(victim.canary),
    () => `operator for ${attacker.side}, ${method} ${given}: ${shortly(answer)}`,
  );
  if (ofATenant.test(path) && /subscriptions|connect-tokens/.test(path)) {
    tally.check(
      [400, 404].includes(answer.status),
      () => `operator for ${attacker.side}, ${method} ${given} is answered: ${shortly(answer)}`,
    );
  }
}

/** Lists of the whole installation name no customer. */
const tenantsOwn = async (path: string): Promise<boolean> =>
  !/^\/v1\/(operators|local-users|agents|revisions|openapi|alert-routes)/.test(path);

async function byTool({ stage, tally, key, attacker, victim }: Round): Promise<void> {
  for (const agent of ['renewals-copilot', 'thief'] as const) {
    const who = `${attacker.side}/${agent}` as const;
    for (const [tool, args] of toolCalls(victim)) {
      const content = await answerOf(stage, who, tool, args);
      const text = JSON.stringify(content);
      const said = JSON.stringify(args).includes(victim.canary);
      tally.check(
        said ? rowsOf(content) === 0 : !text.includes(victim.canary),
        () => `${who}: ${tool} ${JSON.stringify(args)}: ${text.slice(0, 300)}`,
      );
      if (agent === 'thief') continue;
      const rest = await ask(stage, key, 'POST', `/v1/tools/${tool}`, args);
      tally.check(said || !rest.text.includes(victim.canary), () => `${who} over REST: ${tool}: ${shortly(rest)}`);
    }
  }
}

/** A tool that the agent has not is refused by the protocol: its words count as well. */
const answerOf = (stage: SecurityStage, ...call: Parameters<SecurityStage['call']>): Promise<JsonObject> =>
  stage.call(...call).then(
    ({ content }) => content,
    (error: unknown) => ({ refused: String(error) }),
  );

const rowsOf = (content: { readonly [key: string]: unknown }): number => {
  const rows = content['rows'];
  return Array.isArray(rows) ? rows.filter((row) => JSON.stringify(row).includes('CANARY')).length : 0;
};

const shortly = ({ status, text }: Asked): string => `${String(status)} ${text.slice(0, 300)}`;
