import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/kernel/index.ts';
import { browserPath, openBrowser, type TestBrowser } from './browser.ts';
import { openConsolePage, type ConsolePage } from './console-page.ts';
import { openConsoleStage, type ConsoleStage } from './stage.ts';

/** What is asked of elements in the page, whose types this program does not have. */
interface Box {
  readonly scrollWidth: number;
  readonly clientWidth: number;
}

/** As far as axe-core's answer is read. */
interface AxeAnswer {
  readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[];
}

type Rows = readonly JsonObject[];

const WAIT = { timeout: 120_000 };

describe.skipIf(browserPath === null)('the work that is done in the console', { timeout: 240_000 }, () => {
  let stage: ConsoleStage;
  let browser: TestBrowser;
  let ui: ConsolePage;
  let page: Page;
  const cleanUp: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    stage = await openConsoleStage(['beta']);
    cleanUp.push(stage.close);
    browser = await openBrowser();
    cleanUp.push(browser.close);
    ui = await openConsolePage(stage, browser);
    page = ui.page;
  }, 400_000);
  afterAll(async () => {
    for (const clean of cleanUp.toReversed()) await clean();
  });

  const switches = async (tenant: string | null): Promise<Rows> => {
    const query = tenant === null ? '' : `?tenant=${tenant}`;
    const { switches: all } = await stage.ask('GET', `/v1/switches${query}`);
    return (all as Rows).filter(({ state }) => state !== 'lifted');
  };
  const liftAll = async (tenant: string | null): Promise<void> => {
    const whose = tenant === null ? {} : { tenant };
    for (const { id } of await switches(tenant)) {
      const body = { ...whose, reason: 'tried' };
      for (const by of ['otto', 'olga']) await stage.ask('POST', `/v1/switches/${String(id)}/lift`, body, by);
    }
    expect(await switches(tenant)).toEqual([]);
  };
  // A test that failed stops nothing of the next one.
  afterEach(async () => {
    await liftAll(stage.tenant);
    await liftAll(null);
  });

  const approvalsOf = async (plan: string, tenant = stage.tenant): Promise<Rows> => {
    const path = `/v1/approvals?tenant=${tenant}&plan=${plan}&decided=true`;
    return (await stage.ask('GET', path))['approvals'] as Rows;
  };
  const approve = async (plan: string): Promise<void> => {
    for (const { id, decided_at: decidedAt } of await approvalsOf(plan)) {
      if (decidedAt !== null) continue;
      const { seen } = await stage.ask('GET', `/v1/approvals/${String(id)}?tenant=${stage.tenant}`, undefined, 'ann');
      const body = { tenant: stage.tenant, verdict: 'approve', seen: String(seen) };
      await stage.ask('POST', `/v1/approvals/${String(id)}/decision`, body, 'ann');
    }
  };
  /** What is stopped now, not what was. */
  const held = (reason: string) => page.locator('.notice.bad').filter({ hasText: `“${reason}”` });
  const stopForm = () => page.getByRole('form', { name: 'Stop something' });

  it('stops exactly what was chosen, says before what that does, and keeps what was typed where it is refused', async () => {
    await ui.signInAs('otto');
    await page.keyboard.press('6');
    const choose = async (kind: string, how: string, names: Readonly<Record<string, string>>): Promise<void> => {
      await page.getByLabel('What is stopped').selectOption({ label: kind });
      await page.getByLabel('How', { exact: true }).selectOption({ label: how });
      for (const [label, name] of Object.entries(names)) await page.getByLabel(label).fill(name);
      await page.getByLabel('Why', { exact: true }).fill(`because of ${kind}`);
    };
    const said = async (kind: string): Promise<JsonObject | undefined> => {
      const [tenant, all] = [stage.tenant, [...(await switches(null)), ...(await switches(stage.tenant))]];
      expect(tenant).toBe('acme');
      return all.find(({ reason }) => reason === `because of ${kind}`);
    };
    const writes = 'Nothing is written';
    const drain = 'Nothing new is accepted; what was accepted is sent';
    const replica = 'Agents read what is here, and nothing else';
    const upstream = 'No call at all goes out';
    const cases = [
      [
        'One connection',
        upstream,
        { Connection: 'crm' },
        'connection crm of acme',
        { scope: 'connection', subject: { connection: 'crm' }, mode: 'stop_all_upstream' },
      ],
      [
        'One object of a connection',
        writes,
        { Connection: 'crm', 'Object,': 'Task' },
        'object Task of connection crm of acme',
        { scope: 'object', subject: { connection: 'crm', object: 'Task' }, mode: 'stop_writes' },
      ],
      [
        'One operation',
        drain,
        { 'Operation (': 'create_task' },
        'operation create_task for acme',
        { scope: 'operation', subject: { operation: 'create_task' }, mode: 'drain' },
      ],
      [
        'One agent',
        replica,
        { Agent: 'renewals-copilot' },
        'agent renewals-copilot does for acme',
        { scope: 'agent', subject: { agent: 'renewals-copilot' }, mode: 'read_replica_only' },
      ],
      [
        'What is done for one user',
        writes,
        { User: 'ida@acme.example' },
        'done for ida@acme.example of acme',
        { scope: 'principal', subject: { principal: 'ida@acme.example' }, mode: 'stop_writes' },
      ],
      ['Everything of this customer', drain, {}, 'everything of acme', { scope: 'tenant', subject: {}, mode: 'drain' }],
      [
        'Everything of all customers',
        writes,
        {},
        'everything of all customers',
        { scope: 'global', subject: {}, mode: 'stop_writes' },
      ],
    ] as const;
    for (const [kind, how, names, whom, stopped] of cases) {
      await choose(kind, how, names);
      await stopForm().getByRole('status').getByText(whom).waitFor();
      await stopForm().getByRole('button', { name: 'Stop it now' }).click();
      await held(`because of ${kind}`).waitFor();
      expect(await said(kind)).toMatchObject(stopped);
    }
    await ui.shot('stops');
    await liftAll(stage.tenant);
    await liftAll(null);
    await page.getByText('Nothing is stopped.').waitFor();
    // The line is cut: what was typed is there for the next try.
    await choose('One agent', replica, { Agent: 'closer' });
    await page.route('**/v1/switches', (route) => route.abort());
    await stopForm().getByRole('button', { name: 'Stop it now' }).click();
    await stopForm().getByText('The server does not answer.').waitFor();
    await page.unroute('**/v1/switches');
    expect(await page.getByLabel('Agent').inputValue()).toBe('closer');
    expect(await page.getByLabel('Why', { exact: true }).inputValue()).toBe('because of One agent');
    await stopForm().getByRole('button', { name: 'Stop it now' }).click();
    await held('because of One agent').waitFor();
    // One asks; another agrees, with a key of their own.
    await page.getByLabel('Why it may go on').fill('it is well');
    await page.getByRole('button', { name: 'Ask to let it go on' }).click();
    await page.getByText('otto asks to let it go on').waitFor();
    await ui.signOut();
    await ui.signInAs('olga');
    await page.keyboard.press('6');
    await page.getByLabel('Why it may go on').fill('so it is');
    await page.getByRole('button', { name: 'Let it go on' }).click();
    await page.getByText('Nothing is stopped.').waitFor();
    expect(await switches(stage.tenant)).toEqual([]);
    await ui.signOut();
  });

  it('has one inbox for all customers, that fills by itself, and decides where it belongs', async () => {
    const first = await stage.propose({ reason: 'in acme' });
    await stage.propose({ reason: 'in beta', tenant: 'beta' });
    await ui.signInAs('bea');
    await page.getByLabel('Customer').selectOption({ label: 'All customers' });
    await page.getByRole('heading', { name: 'Approvals of all customers' }).waitFor();
    const lines = page.locator('.inbox a.line');
    await expect.poll(() => lines.count(), WAIT).toBe(2);
    await page.getByText('live', { exact: true }).waitFor();
    const second = await stage.propose({ reason: 'later in beta', tenant: 'beta' });
    await expect.poll(() => lines.count(), WAIT).toBe(3);
    await page.getByLabel('With the words').fill('beta');
    await expect.poll(() => lines.count()).toBe(2);
    await page.getByText('2 of 3 shown.').waitFor();
    // The soonest due comes first.
    const [, later] = await lines.all();
    await later?.click();
    await page.getByText('later in beta').waitFor();
    await ui.shot('inbox');
    let seen: unknown;
    page.on('request', (request) => {
      if (request.method() === 'POST' && request.url().endsWith('/decision')) seen = request.postDataJSON();
    });
    await page.getByRole('button', { name: /^Approve/ }).click();
    await page.getByLabel('Why (optional)').fill('of beta');
    await page.keyboard.press('Enter');
    await page.getByText('approved by bea: “of beta”').waitFor();
    await expect.poll(() => stage.planState(second.plan, 'beta'), WAIT).toBe('done');
    expect(await stage.planState(first.plan)).toBe('awaiting_approval');
    // A yes is to what was shown, and to nothing else.
    const [asked] = await approvalsOf(second.plan, 'beta');
    const whole = await stage.ask('GET', `/v1/approvals/${String(asked?.['id'])}?tenant=beta`);
    expect(seen).toMatchObject({ tenant: 'beta', verdict: 'approve', seen: whole['seen'] });
    await ui.signOut();
  });

  it('gives one’s place to somebody else, shows that, and ends it', async () => {
    await ui.signInAs('ann');
    await page.getByText('Who decides in whose place (0)').click();
    await page.getByLabel('Who shall decide').fill('vera');
    await page.getByLabel('Until').fill(inDays(3));
    await page.getByRole('button', { name: 'Give it' }).click();
    // Vera decides nothing: said in words, and what was typed stays.
    await page.getByRole('alert').getByText('vera is no operator who may approve').waitFor();
    expect(await page.getByLabel('Who shall decide').inputValue()).toBe('vera');
    await page.getByLabel('Who shall decide').fill('bea');
    await page.getByRole('button', { name: 'Give it' }).click();
    await page.getByText('Who decides in whose place (1)').waitFor();
    const { delegations } = await stage.ask('GET', '/v1/delegations');
    expect(delegations).toMatchObject([{ from: 'ann', to: 'bea', given_by: 'ann' }]);
    await ui.signOut();
    await ui.signInAs('bea');
    await page.getByText('Who decides in whose place (1)').click();
    expect(await page.getByRole('button', { name: /^End/ }).count()).toBe(0);
    await ui.signOut();
    await ui.signInAs('ann');
    await page.getByText('Who decides in whose place (1)').click();
    await page.getByRole('button', { name: 'End that of bea' }).click();
    await page.getByText('Who decides in whose place (0)').waitFor();
    await ui.signOut();
  });

  it('says why a plan came back to its approvers', async () => {
    const { plan, deals } = await stage.propose({ reason: 'before somebody came in between' });
    await stage.change('update', deals[0] ?? '', { Vertriebsphase__c: 'Bedarfsanalyse' });
    await approve(plan);
    await expect.poll(async () => (await approvalsOf(plan)).length, WAIT).toBe(2);
    await ui.signInAs('ann');
    const again = (await approvalsOf(plan)).find(({ decided_at: at }) => at === null);
    await ui.goTo(`/acme/approvals/${String(again?.['id'])}`);
    await page.getByText('Asked again (round 2).').waitFor();
    await page.getByText(/It was approved, but .*changed/).waitFor();
    await ui.shot('sent-back');
    await ui.signOut();
  });

  it('lets an administrator break the glass, and others review that', async () => {
    const { plan } = await stage.propose({ reason: 'cannot wait' });
    const [asked] = await approvalsOf(plan);
    await ui.signInAs('ann');
    await ui.goTo(`/acme/approvals/${String(asked?.['id'])}`);
    await page.getByText('cannot wait').waitFor();
    expect(await page.getByText('Break the glass…').count()).toBe(0);
    await ui.signOut();
    await ui.signInAs('ada');
    await ui.goTo(`/acme/approvals/${String(asked?.['id'])}`);
    await page.getByText('Break the glass…').click();
    await page.getByLabel('Why it cannot wait').fill('the customer stands here');
    await page.getByRole('button', { name: 'Write it without approval' }).click();
    await page.getByText(/^bypassed/).waitFor();
    await expect.poll(() => stage.planState(plan), WAIT).toBe('done');
    await ui.signOut();
    await ui.signInAs('bea');
    await page.getByLabel('Show').selectOption({ label: 'Reviews' });
    const review = page.locator('.inbox a.line').filter({ hasText: 'written without its approvals' });
    await review.click();
    await page.getByText('ada broke the glass:').waitFor();
    await page.getByText('the customer stands here').waitFor();
    await page.getByRole('button', { name: /It is fine/ }).click();
    await page.getByLabel('Why (optional)').fill('looked at');
    await page.keyboard.press('Enter');
    await page.getByText('done by bea: “looked at”').waitFor();
    expect((await approvalsOf(plan)).find(({ kind }) => kind === 'review')).toMatchObject({ decided_by: 'bea' });
    await ui.signOut();
  });

  it('shows plans and their steps', async () => {
    const { plan } = await stage.propose({ reason: 'one after the other', deals: 2, inSteps: true });
    await approve(plan);
    await expect.poll(() => stage.planState(plan), WAIT).toBe('done');
    await ui.signInAs('otto');
    await page.keyboard.press('4');
    await page.getByLabel('Which').selectOption('done');
    await page.locator('.plans a.line').first().click();
    const steps = page.getByRole('region', { name: 'Steps' }).getByRole('listitem');
    await expect.poll(() => steps.count()).toBe(2);
    expect(await steps.getByText('done', { exact: true }).count()).toBe(2);
    await ui.shot('plan');
    await ui.signOut();
  });

  it('has failed writes sent again, and a person’s word on those of which nobody can tell', async () => {
    const { plan, deals } = await stage.propose({ reason: 'of a deal that goes away' });
    await stage.change('delete', deals[0] ?? '');
    await approve(plan);
    await expect.poll(() => stage.planState(plan), WAIT).toBe('done');
    await stage.change('undelete', deals[0] ?? '');
    await ui.signInAs('otto');
    await page.keyboard.press('5');
    const card = page.locator('.aside article').first();
    await card.getByText('failed, nothing written').waitFor();
    await ui.shot('set-aside');
    await card.getByRole('button', { name: 'Send it again' }).click();
    await card.getByLabel('How you know (optional)').fill('it is back');
    await card.getByRole('button', { name: 'Send it again' }).click();
    await page.getByText('No write of the last 31 days needs anybody.').waitFor(WAIT);
    await expect.poll(() => stage.planState(plan), WAIT).toBe('done');
    const sent = await stage.ask('GET', `/v1/tenants/acme/write-plans/${plan}`);
    expect(sent['counts']).toEqual({ succeeded: 1 });
    await stage.loseOutcome(plan);
    await ui.goTo(`/acme/plans/${plan}`);
    await page.reload();
    await page.getByText('a person has to look', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'It stands there' }).click();
    await page.getByLabel('How you know (optional)').fill('I looked');
    await page.getByRole('button', { name: 'It stands there' }).click();
    await page.getByText('written', { exact: true }).waitFor();
    expect((await stage.ask('GET', `/v1/tenants/acme/write-plans/${plan}`))['counts']).toEqual({ succeeded: 1 });
    await ui.signOut();
  });

  it('shows the checklist as the command does, line by line', async () => {
    await ui.signInAs('otto');
    await page.keyboard.press('7');
    const lines = page.locator('.checks > li');
    const told = await stage.ask('GET', '/v1/checklist?tenant=acme');
    const [acme] = told['tenants'] as unknown as readonly { readonly lines: Rows }[];
    await expect.poll(() => lines.count(), WAIT).toBe(acme?.lines.length);
    for (const [at, line] of (acme?.lines ?? []).entries()) {
      const text = await lines.nth(at).innerText();
      expect(text).toContain(String(line['title']));
      expect(text.startsWith(line['pass'] === true ? 'pass' : 'fail')).toBe(true);
      expect(text.includes('What helps')).toBe(line['pass'] !== true);
    }
    expect(acme?.lines.some(({ pass }) => pass === false)).toBe(true);
    await ui.shot('checklist');
    await ui.signOut();
  });

  it('erases a person only after it was looked and the name typed, and keeps the proof', async () => {
    const { deals } = await stage.propose({ reason: 'about somebody' });
    await ui.signInAs('ada');
    await page.keyboard.press('8');
    await page.getByLabel('Records', { exact: true }).fill('crm/Opportunity');
    await page.getByRole('button', { name: 'Look what there is' }).click();
    await page.getByRole('alert').getByText('is no record').waitFor();
    await page.getByLabel('Records', { exact: true }).fill(`crm/Opportunity/${deals[0] ?? ''}`);
    await page.getByLabel('Note for the proof').fill('ticket 4471');
    await page.getByRole('button', { name: 'Look what there is' }).click();
    await page.getByText('crm/Opportunity: 1').waitFor();
    const erase = page.getByRole('button', { name: 'Erase it' });
    expect(await erase.isDisabled()).toBe(true);
    await page.getByLabel(/Type acme to erase/).fill('beta');
    expect(await erase.isDisabled()).toBe(true);
    // What is changed after the look has to be looked at again.
    await page.getByLabel('Note for the proof').fill('ticket 4472');
    expect(await erase.count()).toBe(0);
    await page.getByRole('button', { name: 'Look what there is' }).click();
    await page.getByLabel(/Type acme to erase/).fill('acme');
    await ui.shot('erase');
    expect((await stage.ask('GET', '/v1/tenants/acme/erasures'))['erasures']).toEqual([]);
    await erase.click();
    await page.getByText('done, with proof').first().waitFor(WAIT);
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save the proof' }).click();
    const saved = JSON.parse(await readFile(await (await download).path(), 'utf8')) as JsonObject;
    const { erasures } = await stage.ask('GET', '/v1/tenants/acme/erasures');
    const [kept] = erasures as Rows;
    expect(kept).toMatchObject({ asked_by: 'ada', note: 'ticket 4472' });
    expect(saved).toEqual({ proof: kept?.['proof'], proof_sha256: kept?.['proof_sha256'] });
    await ui.shot('erased');
    await ui.signOut();
  });

  it('asks who it is when the session is over, with everything that was typed behind it', async () => {
    await ui.signInAs('otto');
    await page.keyboard.press('6');
    await page.getByLabel('What is stopped').selectOption({ label: 'One agent' });
    await page.getByLabel('Agent').fill('closer');
    await page.getByLabel('Why', { exact: true }).fill('typed before it was over');
    await stage.endSessions();
    // Sends the form, unless the question has come by itself: something is always asked.
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Your session is over' });
    await dialog.waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await dialog.waitFor();
    await dialog.getByLabel('Your key').fill(stage.keys['otto'] ?? '');
    await dialog.getByRole('button', { name: 'Sign in' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(await page.getByLabel('Why', { exact: true }).inputValue()).toBe('typed before it was over');
    await stopForm().getByRole('button', { name: 'Stop it now' }).click();
    await held('typed before it was over').waitFor();
    expect(await switches(stage.tenant)).toMatchObject([{ scope: 'agent', subject: { agent: 'closer' } }]);
    await liftAll(stage.tenant);
    // Somebody else begins anew.
    await page.getByText('Nothing is stopped.').waitFor();
    await page.getByLabel('Why', { exact: true }).fill('of otto');
    await stage.endSessions();
    await ui.goTo('/acme/connections');
    await dialog.getByLabel('Your key').fill(stage.keys['olga'] ?? '');
    await dialog.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('olga', { exact: false }).first().waitFor();
    await page.keyboard.press('6');
    await expect.poll(() => page.getByLabel('Why', { exact: true }).inputValue()).toBe('');
    await ui.signOut();
  });

  it('shows what a trigger counted when it stopped something', async () => {
    await stage.propose({ reason: 'too many at once', deals: 6 });
    await ui.signInAs('vera');
    await page.keyboard.press('6');
    await page.getByText('the project’s trigger too_many says').waitFor(WAIT);
    await page.getByText(/writes to \d+ records were accepted within 1 h; 12 may be/).waitFor();
    expect(await page.getByRole('button', { name: /Stop it now|let it go on/i }).count()).toBe(0);
    await ui.shot('trigger');
    await ui.signOut();
  });

  it('opens to each role what it may see, and asks the server for nothing that it may not', async () => {
    const bars: Readonly<Record<string, readonly string[]>> = {
      vera: ['Approvals', 'Connections', 'Stops'],
      ann: ['Approvals', 'Connections', 'Stops'],
      otto: ['Approvals', 'Audit', 'Connections', 'Plans', 'Set aside', 'Stops', 'Checklist'],
      ada: ['Approvals', 'Audit', 'Connections', 'Plans', 'Set aside', 'Stops', 'Checklist', 'Erasure'],
    };
    const { plan } = await stage.propose({ reason: 'to be looked at', tenant: 'beta' });
    for (const [name, titles] of Object.entries(bars)) {
      await ui.signInAs(name);
      const links = page.getByRole('navigation', { name: 'Screens' }).getByRole('link');
      expect([name, await links.allInnerTexts()]).toEqual([name, titles]);
      for (const key of '12345678') {
        await page.keyboard.press(key);
        // A field may have the focus then.
        await page.locator('main').focus();
        await ui.settled();
      }
      await ui.goTo(`/beta/plans/${plan}`);
      await page.getByText(titles.includes('Plans') ? 'awaiting approval' : 'this needs the role operator').waitFor();
      expect([name, ui.refused]).toEqual([name, []]);
      await ui.signOut();
    }
  });

  it('can be used by everybody: names, contrast, order, width, in both themes', async () => {
    const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    await ui.signInAs('ada');
    const [asked] = (await stage.ask('GET', '/v1/approvals?tenant=beta'))['approvals'] as Rows;
    const places = [
      '/*/approvals',
      `/beta/approvals/${String(asked?.['id'])}`,
      '/acme/audit',
      '/acme/connections',
      '/acme/plans',
      `/beta/plans/${String(asked?.['plan'])}`,
      '/acme/aside',
      '/acme/stops',
      '/acme/checklist',
      '/acme/erasures/1',
    ];
    const found: string[] = [];
    for (const [scheme, width] of [
      ['light', 1280],
      ['dark', 390],
    ] as const) {
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width, height: 900 });
      await page.reload();
      await page.getByText('live', { exact: true }).waitFor();
      expect(await page.locator('html').getAttribute('data-theme')).toBe(scheme);
      for (const place of places) {
        await ui.goTo(place);
        await page.locator('main :is(h1, h2):visible').first().waitFor();
        await ui.settled();
        const wide = await page.locator('html').evaluate((root: Box) => root.scrollWidth - root.clientWidth);
        if (wide > 0) found.push(`${scheme} ${place}: ${String(wide)} px too wide`);
        const { violations } = await page.evaluate<AxeAnswer>(
          `${axe}; axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'best-practice'] })`,
        );
        for (const { id, nodes } of violations) found.push(`${scheme} ${place}: ${id} ${nodes[0]?.html ?? ''}`);
      }
      if (scheme === 'dark') await ui.shot('phone-dark');
    }
    expect(found).toEqual([]);
    await ui.signOut();
    expect(ui.wrong).toEqual([]);
  });
});

/** As a field for a day and time takes it. */
function inDays(days: number): string {
  const at = new Date(Date.now() + days * 86_400_000);
  return `${at.toISOString().slice(0, 10)}T12:00`;
}
