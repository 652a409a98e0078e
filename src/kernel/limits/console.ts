const MINUTE_MS = 60_000;

/** The operators' console. */
export const consoleLimits = {
  /** Who signed in stays so for so long. */
  consoleSessionMs: 8 * 60 * MINUTE_MS,
  /** How often a process looks for what is new, once for all who look at one tenant. */
  consoleLookMs: 1_000,
  /** The same for whoever looks at all tenants: each of them is asked. */
  consoleLookAtAllMs: 3_000,
  /** A stream of news ends then, and the browser opens another one: whoever lost their role loses it. */
  consoleStreamMs: 10 * MINUTE_MS,
  /** Something is sent so often at the least, so that nothing on the way takes it for dead. */
  consoleAliveMs: 15_000,
  consoleStreamsMax: 200,
} as const;
