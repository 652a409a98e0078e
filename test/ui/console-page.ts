import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page, Request } from 'playwright-core';
import { expect } from 'vitest';
import type { TestBrowser } from './browser.ts';
import type { ConsoleStage } from './stage.ts';

/** A page of the console, and what a person does with it first and last. */
export interface ConsolePage {
  readonly page: Page;
  /** What the browser complained about; a refusal that a test wants is no complaint. */
  readonly wrong: readonly string[];
  /** `403 GET /v1/...`: what the server refused somebody for their role, since they signed in. */
  readonly refused: readonly string[];
  signInAs(name: string): Promise<void>;
  signOut(): Promise<void>;
  /** By its address, as a bookmark leads to it. */
  goTo(hash: string): Promise<void>;
  /** Until everything that was asked has its answer; the stream of news never ends. */
  settled(): Promise<void>;
  /** Kept where `GANTRY_CONSOLE_SHOTS` says. */
  shot(name: string): Promise<void>;
}

const shots = process.env['GANTRY_CONSOLE_SHOTS'];

export async function openConsolePage(stage: ConsoleStage, browser: TestBrowser): Promise<ConsolePage> {
  const page = await browser.context.newPage();
  const wrong: string[] = [];
  const refused: string[] = [];
  const asked = new Set<Request>();
  page.on('request', (request) => {
    if (!request.url().includes('/v1/console/events')) asked.add(request);
  });
  page.on('requestfinished', (request) => asked.delete(request));
  page.on('requestfailed', (request) => asked.delete(request));
  page.on('pageerror', (error) => wrong.push(error.message));
  page.on('console', (message) => {
    // What was refused is told by the browser itself.
    const isRefusal = /status of (400|401|403|409)|ERR_FAILED/.test(message.text());
    if (message.type() === 'error' && !isRefusal) wrong.push(message.text());
  });
  page.on('response', (response) => {
    if (response.status() !== 403) return;
    refused.push(`403 ${response.request().method()} ${new URL(response.url()).pathname}`);
  });
  return {
    page,
    wrong,
    refused,
    signInAs: async (name) => {
      await browser.context.clearCookies();
      await page.goto(`${stage.url}/console/`);
      await page.getByLabel('Your key').fill(stage.keys[name] ?? '');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByText('live', { exact: true }).waitFor();
      refused.length = 0;
    },
    signOut: async () => {
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByLabel('Your key').waitFor();
    },
    goTo: async (hash) => {
      await page.goto(`${stage.url}/console/#${hash}`);
    },
    settled: async () => {
      // What a screen asks for is asked before the second frame after it was opened.
      await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
      await expect.poll(() => asked.size, { timeout: 120_000, interval: 20 }).toBe(0);
      await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
    },
    shot: async (name) => {
      if (shots === undefined) return;
      await mkdir(shots, { recursive: true });
      await page.screenshot({ path: join(shots, `${name}.png`) });
    },
  };
}
