/** Builds the console after `npm ci`; where development packages are left out, it says how, and nothing fails. */
import { fileURLToPath } from 'node:url';

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';

const vite = await import('vite').catch((error: unknown) => {
  if (isMissing(error)) return null;
  throw error;
});
if (vite === null) {
  process.stderr.write('The console is not built: vite is not installed (npm ci --include=dev builds it).\n');
} else {
  await vite.build({ root: fileURLToPath(new URL('../ui', import.meta.url)), logLevel: 'warn' });
}
