import type { Role } from '../../infra/registry/contract.ts';
import type { House } from '../dashboard/house.ts';
import { joinBy, openVisitor, type Visitor } from '../accounts/visitor.ts';

/** What a name from outside may try. */
export const HOSTILE = '<img src=x onerror="document.title=\'owned\'">';

/** Somebody of that role, signed in. */
export const signedIn = async (house: House, role: Role = 'engineer'): Promise<Visitor> => {
  const visitor = openVisitor(house.url);
  const { link } = await house.registry.inviteAccount({
    email: `${role}-${Math.random().toString(36).slice(2)}@example.org`,
    role,
  });
  await joinBy(visitor, link.token, { name: `The ${role}` });
  return visitor;
};

/** What a page says that is wrong: the lines of its error summary. */
export const errorsOf = (text: string): readonly string[] => {
  const summary = /<div class="govuk-error-summary"[\s\S]*?<\/ul>/.exec(text)?.[0] ?? '';
  return [...summary.matchAll(/<a href="(#[^"]+)">([\s\S]*?)<\/a>/g)].map(([, href, words]) =>
    `${href ?? ''} ${words ?? ''}`.trim(),
  );
};
