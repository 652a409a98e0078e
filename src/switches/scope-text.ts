import type { SwitchRow } from '../store/index.ts';

/** `all writing of the tenant`, `crm`, `crm/Opportunity`: what a switch is about, for people. */
export function scopeText({ scope, subject }: Pick<SwitchRow, 'scope' | 'subject'>): string {
  const named = (name: string): string => (typeof subject[name] === 'string' ? subject[name] : '?');
  switch (scope) {
    case 'global':
      return 'everything of everybody';
    case 'tenant':
      return 'everything of the tenant';
    case 'connection':
      return `connection ${named('connection')}`;
    case 'object':
      return `${named('connection')}/${named('object')}`;
    case 'operation':
      return `operation ${named('operation')}`;
    case 'agent':
      return `agent ${named('agent')}`;
    case 'principal':
      return `what is done for ${named('principal')}`;
    default:
      return scope;
  }
}
