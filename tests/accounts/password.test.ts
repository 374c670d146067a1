import { describe, expect, test } from 'vitest';
import { openPasswords } from '../../infra/accounts/password.ts';
import { checkPassword } from '../../infra/accounts/password-rules.ts';
import { checkedEmail } from '../../infra/accounts/email.ts';
import { KerbsideError } from '../../device-profiles/vocabulary/index.ts';

const codeOf = (work: () => unknown): string => {
  try {
    work();
    return '(taken)';
  } catch (error) {
    if (error instanceof KerbsideError) return error.code;
    throw error;
  }
};

describe('which passwords are taken', () => {
  const ada = { name: 'Ada Brightwater', email: 'a.brightwater@example.org', service: 'Borough Sensors' };
  const cases: readonly [password: string, code: string][] = [
    ['otter lamp violin', '(taken)'],
    ['plumharbourticket', '(taken)'],
    ['Ünïcödé wörds dö töö', '(taken)'],
    ['猫がいつも窓辺で静かに眠っている', '(taken)'],
    ['x9!Tq2#Lw8@Zr4$', '(taken)'],
    ['short', 'password-short'],
    ['fourteen chars', 'password-short'],
    ['a'.repeat(201), 'password-long'],
    ['passwordpassword', 'password-common'],
    ['Password12345678', 'password-common'],
    ['P@ssw0rd123456789', 'password-common'],
    ['qwertyuiopasdfghjkl', 'password-common'],
    ['aaaaaaaaaaaaaaaaaaaa', 'password-common'],
    ['123456789012345', 'password-common'],
    ['correct horse battery staple', 'password-common'],
    ['letmeinletmeinletmein', 'password-common'],
    ['administrator2026!', 'password-common'],
    ['my name is brightwater', 'password-personal'],
    ['br1ghtw4ter for ever', 'password-personal'],
    ['the borough of violins', 'password-personal'],
  ];
  test.each(cases)('%s: %s', (password, code) => {
    expect(codeOf(() => checkPassword(password, ada))).toBe(code);
  });
  test('what is refused is not repeated', () => {
    expect(() => checkPassword('passwordpassword', ada)).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('passwordpassword') }),
    );
  });
});

describe('how passwords are kept', () => {
  const passwords = openPasswords({ ln: 10, r: 8, p: 1 });
  test('as scrypt with its cost and a salt of its own beside it', async () => {
    const [first, second] = await Promise.all([
      passwords.hash('otter lamp violin'),
      passwords.hash('otter lamp violin'),
    ]);
    expect(first).toMatch(/^\$scrypt\$ln=10,r=8,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
    expect(first).not.toBe(second);
    expect(await passwords.matches('otter lamp violin', first)).toEqual({ right: true, outdated: false });
    expect(await passwords.matches('otter lamp violet', first)).toEqual({ right: false, outdated: false });
  });
  test('with the cost that OWASP names, unless a test says otherwise', async () => {
    const kept = await openPasswords().hash('otter lamp violin');
    expect(kept).toContain('ln=15,r=8,p=3');
  });
  test('the same letters from another keyboard are the same password', async () => {
    const kept = await passwords.hash('caf\u00e9 otter violin');
    expect((await passwords.matches('cafe\u0301 otter violin', kept)).right).toBe(true);
  });
  test('an old cost still opens, and says that it is old', async () => {
    const kept = await openPasswords({ ln: 9, r: 8, p: 1 }).hash('otter lamp violin');
    expect(await passwords.matches('otter lamp violin', kept)).toEqual({ right: true, outdated: true });
  });
  test('without one that is kept nothing is right', async () => {
    expect((await passwords.matches('otter lamp violin', undefined)).right).toBe(false);
  });
  test('more than forty that wait are told to come back, and the others are served', async () => {
    const all = await Promise.allSettled(Array.from({ length: 60 }, () => passwords.hash('otter lamp violin')));
    const refused = all.filter((one) => one.status === 'rejected');
    expect(refused).toHaveLength(18);
    expect(refused[0]).toMatchObject({ reason: { code: 'sign-in-busy' } });
    expect(await passwords.hash('otter lamp violin')).toContain('$scrypt$');
  });
});

test('an address is one address, however it was typed', () => {
  expect(checkedEmail(' Ada@Example.ORG ')).toBe('ada@example.org');
  for (const text of [
    '',
    'ada',
    '@example.org',
    'ada@',
    'a b@example.org',
    'a@b@example.org',
    '<ada@example.org>',
    'ada@exa\u202Emple.org',
    `${'a'.repeat(250)}@example.org`,
  ])
    expect(codeOf(() => checkedEmail(text))).toBe('email-invalid');
});
