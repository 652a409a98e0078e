import type { SandboxRequest } from './http.ts';

export interface FaultAction {
  /** Replaces the answer; without a body the provider's own error body for that status is sent. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Waits before answering; alone, the real answer follows. */
  readonly delayMs?: number;
  /** Cuts the connection without an answer. */
  readonly reset?: boolean;
  /** Sends only the first bytes of the answer and cuts the connection. */
  readonly truncateBytes?: number;
  /** Answers an HTML page (status 200 unless given), as proxies and maintenance pages do. */
  readonly html?: boolean;
  /** The call takes effect before its answer is replaced or lost; without it a replaced call never runs. */
  readonly applied?: boolean;
  /**
   * The call takes effect only so many milliseconds of real time after its
   * answer was replaced or lost, or, with `hold`, when `POST faults/release`
   * says so. The answer is that of `status`, 504 unless given.
   */
  readonly late?: number | 'hold';
}

export interface FaultRule {
  readonly match: {
    readonly method?: string;
    /** A prefix of the path, or `/regex/` tested on `path?decoded query`. */
    readonly path?: string;
  };
  /** How many calls it hits. Default 1. */
  readonly times?: number;
  /** Skips the first n matching calls. Default 0. */
  readonly after?: number;
  readonly action: FaultAction;
}

export interface Faults {
  add(rules: readonly FaultRule[]): number;
  clear(): void;
  /** The action of the first live rule that matches, which this counts as used. */
  take(request: SandboxRequest): FaultAction | null;
}

interface LiveRule {
  readonly rule: FaultRule;
  readonly matches: (request: SandboxRequest) => boolean;
  skip: number;
  left: number;
}

export function createFaults(): Faults {
  let live: LiveRule[] = [];
  return {
    add: (rules) => {
      live.push(
        ...rules.map((rule) => ({ rule, matches: matcher(rule), skip: rule.after ?? 0, left: rule.times ?? 1 })),
      );
      return live.length;
    },
    clear: () => {
      live = [];
    },
    take: (request) => {
      for (const entry of live) {
        if (!entry.matches(request)) continue;
        if (entry.skip > 0) {
          entry.skip -= 1;
          continue;
        }
        entry.left -= 1;
        if (entry.left <= 0) live = live.filter((other) => other !== entry);
        return entry.rule.action;
      }
      return null;
    },
  };
}

function matcher(rule: FaultRule): (request: SandboxRequest) => boolean {
  const method = rule.match.method?.toUpperCase();
  const path = rule.match.path;
  const pattern = path !== undefined && /^\/.+\/$/s.test(path) ? new RegExp(path.slice(1, -1)) : null;
  return (request) => {
    if (method !== undefined && method !== request.method) return false;
    if (pattern !== null) return pattern.test(`${request.path}?${decodedQuery(request.query)}`);
    return path === undefined || request.path.startsWith(path);
  };
}

function decodedQuery(query: URLSearchParams): string {
  return [...query].map(([name, value]) => `${name}=${value}`).join('&');
}
