export { startOdooSandbox, type OdooSandboxOptions } from './start.ts';
