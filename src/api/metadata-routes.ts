import type { Hono } from 'hono';
import type { JsonObject } from '../kernel/index.ts';
import type { ApiEnv } from './respond.ts';

/** Where clients learn how one signs in to us. */
export interface SignInMetadata {
  /** Of the resource at that path, RFC 9728; null: nobody issues tokens for us. */
  readonly resource: (path: string) => JsonObject | null;
}

/** Public by their nature, and the same for everybody; read by web pages, too, whose clients run in browsers. */
const headers = { 'cache-control': 'public, max-age=300', 'access-control-allow-origin': '*' };

/** RFC 9728 §3.1: for the resource at `/mcp` the path goes behind the well-known one. */
export function addMetadataRoutes(app: Hono<ApiEnv>, metadata: SignInMetadata): void {
  const base = '/.well-known/oauth-protected-resource';
  for (const path of ['', '/mcp', '/v1']) {
    app.get(`${base}${path}`, (context) => {
      const document = metadata.resource(path);
      return document === null ? context.notFound() : context.json(document, 200, headers);
    });
  }
}
