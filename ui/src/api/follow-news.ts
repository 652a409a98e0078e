import { eventsIn } from '../pure/sse.ts';
import { ownHeaders, queryOf, signInsNow, tellSignedOut } from './client.ts';

export type News = 'approvals_changed' | 'audit_grew' | 'connections_changed';

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 15_000;

/**
 * Follows a tenant's news (null: what is of all tenants) until `signal`, connecting again whenever the stream
 * ends. After each new beginning everything counts as changed: what was told
 * meanwhile is lost. Not an `EventSource`, which sends no headers.
 */
export async function followNews(
  tenant: string | null,
  tell: { readonly onNews: (news: News) => void; readonly onLive: (live: boolean) => void },
  signal: AbortSignal,
): Promise<void> {
  let wait = FIRST_WAIT_MS;
  while (!signal.aborted) {
    const came = await readStream(tenant, tell, signal).catch(() => false);
    tell.onLive(false);
    wait = came ? FIRST_WAIT_MS : Math.min(wait * 2, LONGEST_WAIT_MS);
    await pause(wait, signal);
  }
}

/** Whether anything came. */
async function readStream(
  tenant: string | null,
  tell: { readonly onNews: (news: News) => void; readonly onLive: (live: boolean) => void },
  signal: AbortSignal,
): Promise<boolean> {
  const askedAt = signInsNow();
  const response = await fetch(`/v1/console/events${queryOf({ tenant: tenant ?? undefined })}`, {
    headers: ownHeaders,
    signal,
  });
  // Nothing else may be asked for a long while: whoever looks is told at once.
  if (response.status === 401) tellSignedOut(askedAt);
  if (!response.ok || response.body === null) return false;
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  let came = false;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return came;
    const { names, rest } = eventsIn(text + decoder.decode(value, { stream: true }));
    text = rest;
    for (const name of names) {
      came = true;
      if (name === 'ready') {
        tell.onLive(true);
        for (const each of all) tell.onNews(each);
      }
      const news = all.find((each) => each === name);
      if (news !== undefined) tell.onNews(news);
    }
  }
}

const all: readonly News[] = ['approvals_changed', 'audit_grew', 'connections_changed'];

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
