import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chatText, headline, mailText, messageBody, type Told } from '../../src/alerts/index.ts';
import { problemOf } from '../../src/alerts/problem.ts';

const since = new Date('2026-03-01T12:00:00Z');

/** A message whose every name was chosen by somebody who means harm. */
function toldOf(name: string, kind: Told['kind'] = 'opened'): Told {
  const problem = problemOf({
    topic: 'sync.failing',
    subject: name,
    since,
    title: `${name} cannot be read`,
    detail: `${name} said: ${name}`,
    who: 'operator',
    fix: `Look at ${name}.`,
  });
  return { kind, tenant: 'acme', alert: { ...problem, since, id: 7, openedAt: since, resolvedAt: since } };
}

describe('names in messages', () => {
  it.each([
    ['a mention', '<!channel>'],
    ['a person', '<@U123>'],
    ['a link', '<https://evil.example|your CRM>'],
    ['a Markdown link', '[sign in](https://evil.example)'],
    ['a bare address', 'https://evil.example/x and www.evil.example'],
    ['everybody', '@here @channel @all'],
    ['an image', '![x](https://evil.example/p.png)'],
    ['a code fence', '```\n@all\n```'],
    ['entities', '&lt;!channel&gt;'],
  ])('do nothing in a chat: %s', (_what, name) => {
    const text = chatText(toldOf(name));
    expect(text).not.toMatch(/[<>]/);
    expect(text).not.toMatch(/&(?!amp;|lt;|gt;)/);
    expect(text).not.toMatch(/@\w/);
    expect(text).not.toContain('](');
    expect(text).not.toContain('://');
    expect(text).not.toMatch(/www\.\w/);
    expect(text).not.toContain('```');
    expect(text.split('\n')).toHaveLength(4);
  });

  it('whatever they are, make no line, header or sign of their own', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (name) => {
        const told = toldOf(name);
        expect(chatText(told).split('\n')).toHaveLength(4);
        expect(chatText(told)).not.toMatch(/[<>]/);
        const { subject, text } = mailText(told);
        expect(subject).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u);
        expect(text).not.toMatch(/[^\n\P{Cc}]/u);
        expect([...subject].length).toBeLessThan(300);
      }),
    );
  });

  it('are bounded, and keep what a person would read', () => {
    expect(headline(toldOf('Öffnung Ærø 東京'))).toBe('WARNING acme: Öffnung Ærø 東京 cannot be read');
    expect([...headline(toldOf('x'.repeat(10_000)))].length).toBeLessThan(300);
    expect(headline(toldOf('Account', 'resolved'))).toBe('WARNING Over: acme: Account cannot be read');
    expect(headline(toldOf('Account', 'reminder'))).toBe('WARNING Still: acme: Account cannot be read');
  });

  it('stay as they are where nothing formats them', () => {
    expect(messageBody(toldOf('<b>&'), since)).toMatchObject({
      type: 'alert.opened',
      timestamp: '2026-03-01T12:00:00.000Z',
      data: { alert: 7, tenant: 'acme', topic: 'sync.failing', title: '<b>& cannot be read', who_can_fix: 'operator' },
    });
  });
});
