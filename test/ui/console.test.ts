import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserPath, openBrowser, type TestBrowser } from './browser.ts';
import { openConsoleStage, type ConsoleStage } from './stage.ts';

/** What an agent may be made to say; a page that runs any of it is lost. */
const CARRIER = `</p><img src=x onerror="document.title='owned'"><script>document.title='owned'</script> {{7*7}}`;

/** What is asked of elements in the page, whose types this program does not have. */
interface Box {
  readonly scrollWidth: number;
  readonly clientWidth: number;
}

interface Pressable {
  readonly labels?: { readonly length: number } | null;
  readonly textContent: string | null;
  readonly outerHTML: string;
  getAttribute(name: string): string | null;
}

const WAIT = { timeout: 120_000 };

/** Set: screenshots are written there. */
const shots = process.env['GANTRY_CONSOLE_SHOTS'];

describe.skipIf(browserPath === null)('the console in a browser', { timeout: 150_000 }, () => {
  let stage: ConsoleStage;
  let browser: TestBrowser;
  const cleanUp: (() => Promise<void>)[] = [];
  let page: Page;
  const wrong: string[] = [];

  beforeAll(async () => {
    stage = await openConsoleStage();
    cleanUp.push(stage.close);
    browser = await openBrowser();
    cleanUp.push(browser.close);
    page = await browser.context.newPage();
    page.on('pageerror', (error) => wrong.push(error.message));
    page.on('console', (message) => {
      // What was not signed in yet is told by the browser itself.
      if (message.type() === 'error' && !/status of (401|403|409)/.test(message.text())) wrong.push(message.text());
    });
  }, 300_000);
  afterAll(async () => {
    for (const clean of cleanUp.toReversed()) await clean();
  });

  const shot = async (name: string): Promise<void> => {
    if (shots === undefined) return;
    await mkdir(shots, { recursive: true });
    await page.screenshot({ path: join(shots, `${name}.png`) });
  };
  const signInAs = async (name: string): Promise<void> => {
    await browser.context.clearCookies();
    await page.goto(`${stage.url}/console/`);
    await page.getByLabel('Your key').fill(stage.keys[name] ?? '');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('live', { exact: true }).waitFor();
  };
  const signOut = async (): Promise<void> => {
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Your key').waitFor();
  };

  it('shows an approver what an agent asks for, as it comes, and takes the decision', async () => {
    await page.goto(`${stage.url}/console/`);
    await page.getByLabel('Your key').fill('gto_wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').getByText('no operator’s key').waitFor();
    await signInAs('ann');
    await page.getByText('Nothing waits for a decision.').waitFor();
    // Nobody loads anything again: it is told.
    const { plan } = await stage.propose({ reason: CARRIER });
    const line = page.locator('.inbox a.line');
    await line.waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.getByRole('cell', { name: 'negotiation' }).or(page.getByText('Verhandlung')).first().waitFor();
    await page.getByText(CARRIER, { exact: false }).waitFor();
    expect(await page.title()).toBe('Gantry console');
    expect(await page.locator('.detail img').count()).toBe(0);
    await shot('approvals');
    // Rejecting takes a reason, and a key alone decides nothing.
    await page.keyboard.press('r');
    await page.getByLabel('Why not').waitFor();
    await page.keyboard.press('Enter');
    expect(await stage.planState(plan)).toBe('awaiting_approval');
    await page.getByRole('button', { name: 'Not yet' }).click();
    await page.keyboard.press('a');
    await page.getByLabel('Why (optional)').fill('they asked for it');
    await page.keyboard.press('Enter');
    await page.getByText(/approved by ann: “they asked for it”/).waitFor();
    await expect.poll(() => stage.planState(plan), { timeout: 120_000 }).toBe('done');
    await page.keyboard.press('2');
    await page.getByText('this needs the role operator').waitFor();
    await signOut();
  });

  it('answers an operator’s question, and prepares the undo that it opens', async () => {
    await signInAs('otto');
    // Values are approvers' to see.
    expect(await page.getByText('negotiation').count()).toBe(0);
    await page.keyboard.press('/');
    await page.getByRole('searchbox').fill('changes by closer today');
    await page.keyboard.press('Enter');
    await page.getByText('Shown: changes only · by closer').waitFor();
    const entry = page.locator('.entry.write_ended').first();
    await entry.getByText(/^closer changed .*: Stage from proposal to negotiation/).waitFor();
    await entry.locator('summary').first().click();
    await entry.getByRole('cell').first().waitFor();
    await shot('audit');
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save as CSV' }).click();
    expect((await download).suggestedFilename()).toBe('audit-acme.csv');
    await page.getByText('1 entries saved.').waitFor();
    await entry.getByRole('button', { name: 'Undo…' }).click();
    await page.getByRole('heading', { name: 'What was found' }).waitFor();
    await page.getByText('prepared', { exact: true }).waitFor();
    const undo = /plans\/(plan_[\w-]+)/.exec(page.url())?.[1] ?? '';
    expect(await stage.planState(undo)).toBe('prepared');
    await page.getByRole('button', { name: 'Carry it out' }).click();
    await page.getByText('awaiting approval', { exact: true }).waitFor();
    await signOut();
  });

  it('shows systems, and stops and lifts with two people', async () => {
    await signInAs('otto');
    await page.keyboard.press('3');
    await page.getByRole('heading', { name: /crm/ }).getByText('ok').waitFor();
    await page.getByRole('link', { name: 'Stop something' }).click();
    await page.getByLabel('What is stopped').selectOption({ label: 'One connection' });
    await page.getByLabel('Connection', { exact: true }).fill('crm');
    await page.getByLabel('Why', { exact: true }).fill('wrong amounts');
    await page.getByRole('button', { name: 'Stop it now' }).click();
    await page.getByText(/“wrong amounts”/).waitFor();
    // It stands where the connection does, too.
    await page.getByRole('link', { name: 'Connections' }).click();
    await page.getByText(/“wrong amounts”/).waitFor();
    await page.getByLabel('Why it may go on').fill('mended');
    await page.getByRole('button', { name: 'Ask to let it go on' }).click();
    await page.getByText('otto asks to let it go on').waitFor();
    await page.getByLabel('Why it may go on').fill('mended, really');
    await page.getByRole('button', { name: 'Let it go on' }).click();
    await page.getByRole('alert').getByText('switch_needs_second_person').waitFor();
    await shot('connections');
    await signOut();
  });

  it('reads what was set aside again, and drops what nobody wants, with a reason', async () => {
    const { deals } = await stage.propose({ reason: 'a deal that cannot be kept' });
    const [deal = ''] = deals;
    const letters = async (): Promise<unknown> =>
      (await stage.ask('GET', `/v1/dead-letters?tenant=${stage.tenant}`))['dead_letters'];
    await stage.refuseDeal(deal);
    await signInAs('otto');
    await page.keyboard.press('5');
    const card = page.locator('.aside article').filter({ hasText: deal });
    await card.getByText('crm/Opportunity').waitFor();
    await card.getByText('Tried 1 times').waitFor();
    await card.getByRole('button', { name: 'Read it again' }).click();
    // Still refused: it stays, and says so.
    await expect.poll(letters, WAIT).toMatchObject([{ name: deal, state: 'dead', tries: 2 }]);
    await stage.refuseDeal(null);
    await card.getByRole('button', { name: 'Read it again' }).click();
    await page.getByText('Everything was read.').waitFor(WAIT);
    await stage.refuseDeal(deal);
    await card.getByText('Drop it…').click();
    await card.getByRole('button', { name: 'Drop it' }).click();
    // Without a reason nothing is dropped.
    expect(await letters()).toHaveLength(1);
    await card.getByLabel('Why it is not wanted').fill('a test deal');
    await card.getByRole('button', { name: 'Drop it' }).click();
    await page.getByText('Everything was read.').waitFor(WAIT);
    expect(await letters()).toEqual([]);
    await stage.refuseDeal(null);
    await signOut();
    expect(wrong).toEqual([]);
  });

  it('offers a viewer nothing that would be refused, fits a phone, and is dark where that is liked', async () => {
    await page.setViewportSize({ width: 390, height: 800 });
    await page.emulateMedia({ colorScheme: 'dark' });
    await signInAs('vera');
    expect(await page.locator('html').getAttribute('data-theme')).toBe('dark');
    const line = page.locator('.inbox a.line').first();
    await line.waitFor();
    await line.click();
    await page.getByText('What would be written is shown to approvers.').waitFor();
    expect(await page.getByRole('button', { name: /Approve|Reject/ }).count()).toBe(0);
    await shot('phone');
    for (const screen of ['1', '2', '3']) {
      await page.keyboard.press(screen);
      const wide = await page.locator('html').evaluate((root: Box) => root.scrollWidth - root.clientWidth);
      expect(wide).toBeLessThanOrEqual(0);
    }
    await page.getByRole('heading', { name: /crm/ }).waitFor();
    expect(await page.getByRole('button', { name: /Pause|Read now|Let it go on/ }).count()).toBe(0);
    await page.getByRole('button', { name: 'Light' }).click();
    expect(await page.locator('html').getAttribute('data-theme')).toBe('light');
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    await page.keyboard.press('Escape');
    // Everything that can be pressed or filled has a name.
    const nameless = await page.locator('button, a, input, select').evaluateAll((all: readonly Pressable[]) =>
      all
        .filter(({ labels }) => (labels?.length ?? 0) === 0)
        .filter((each) => (each.getAttribute('aria-label') ?? each.textContent ?? '').trim() === '')
        .map(({ outerHTML }) => outerHTML),
    );
    expect(nameless).toEqual([]);
    await signOut();
    expect(wrong).toEqual([]);
  });
});

// Said where it can be seen: a suite that is not run proves nothing.
describe.skipIf(browserPath !== null)('the console without a browser', () => {
  it.skip('is not tried: there is no /usr/bin/chromium', () => undefined);
});
