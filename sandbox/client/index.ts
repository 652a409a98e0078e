export { browse } from './person.ts';
export {
  adminOf,
  startSandbox,
  type RunningSandboxProcess,
  type SandboxHealth,
  type SandboxStart,
  type SandboxUser,
} from './start-sandbox.ts';
