export { startGoogleCalendarSandbox } from './start.ts';
