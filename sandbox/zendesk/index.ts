export { startZendeskSandbox, type ZendeskSandboxOptions } from './start.ts';
