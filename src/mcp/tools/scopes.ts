import { GantryError } from '../../kernel/index.ts';

/** What access tokens may be asked for; small on purpose (MCP, security best practices: scope minimisation). */
export const accessScopes = ['records:read', 'records:write', 'operations:run', 'approvals:decide', 'admin'] as const;

export type AccessScope = (typeof accessScopes)[number];

/** All scopes that a call needs: every tool reads, saved queries and events, too. */
const neededFor = (tool: string): readonly AccessScope[] => {
  if (tool === 'run_operation') return ['records:read', 'operations:run'];
  return tool === 'prepare_write' || tool === 'commit_write' || tool === 'undo'
    ? ['records:read', 'records:write']
    : ['records:read'];
};

/** Raises `insufficient_scope`, which names all scopes that the call needs, so that one step up is enough. */
export function refuseMissing(context: { readonly scopes?: ReadonlySet<string> | null }, tool: string): void {
  const { scopes } = context;
  const needed = neededFor(tool);
  // A key has all that the grant has.
  if (scopes === null || scopes === undefined || needed.every((scope) => scopes.has(scope))) return;
  throw new GantryError('insufficient_scope', {
    message: 'The access token may not do this.',
    where: tool.slice(0, 80),
    data: { scopes: [...needed] },
  });
}
