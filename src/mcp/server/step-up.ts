import { isJsonObject, limits, type Json } from '../../kernel/index.ts';
import { refuseMissing } from '../tools/scopes.ts';
import type { CallerContext } from '../tools/tool.ts';
import { boundedText } from './bounded-text.ts';

/**
 * Refuses a call before the protocol has it, as 403 with the scopes that it
 * needs (MCP authorization, "Scope Challenge Handling"): from within a tool it
 * would be an answer, and no client would sign in again. Only of callers with
 * a token. What cannot be read here, the protocol refuses.
 */
export async function refuseMissingScopes(request: Request, context: CallerContext): Promise<void> {
  if (context.scopes === null || context.scopes === undefined || request.method !== 'POST') return;
  const text = await boundedText(request.clone(), limits.doorBodyBytesMax);
  for (const tool of text === null ? [] : toolsIn(text)) refuseMissing(context, tool);
}

/** The body decides, whatever the headers say of it. */
function toolsIn(text: string): readonly string[] {
  let body: Json;
  try {
    body = JSON.parse(text) as Json;
  } catch {
    return [];
  }
  const messages = Array.isArray(body) ? body : [body];
  return messages.filter(isJsonObject).flatMap(({ method, params }) => {
    if (method === 'resources/read' || method === 'subscriptions/listen' || method === 'resources/subscribe') {
      return ['resources/read'];
    }
    const name = method === 'tools/call' && isJsonObject(params) ? params['name'] : null;
    return typeof name === 'string' ? [name] : [];
  });
}
