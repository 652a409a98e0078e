/** What callers may ask of the doors at once; part of `limits`. */
export const doorsLimits = {
  /** One request at the MCP and REST doors. */
  doorBodyBytesMax: 256 * 1024,
  /** Lists and objects within each other in the body of a REST request. */
  doorNestingMax: 200,
  /** How long a connection may idle: longer than load balancers keep theirs, a minute as a rule, so that none is used just as it ends. */
  connectionIdleMs: 75_000,
  /** How long a client may keep the list of tools. */
  toolListTtlMs: 300_000,
  /** How often a listening client's tools are looked at for changes. */
  toolListLookMs: 2_000,
  /** Open streams of MCP clients that listen for changes: in one process of the newer protocol, and of one key. */
  mcpStreamsMax: 2_000,
  mcpStreamsPerKeyMax: 100,
  mcpKeepAliveMs: 15_000,
  /** A key that was looked up counts as good for so long without asking again; revoking tells all processes at once. */
  keyLookupTtlMs: 1_000,
  keysKnownMax: 10_000,
  /** Which revision and which overlay are in force is asked again after so long, whatever is heard. */
  projectLookMs: 1_000,
  /** Agents whose call rates one process remembers. */
  rateWindowsMax: 10_000,
} as const;
