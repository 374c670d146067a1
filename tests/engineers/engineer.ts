import type { Role } from '../../infra/registry/contract.ts';
import { openHouse, type House } from '../dashboard/house.ts';
import { joinBy, openVisitor, type Seen, type Visitor } from '../accounts/visitor.ts';

/** What a name from outside may try. */
export const HOSTILE = '<img src=x onerror="document.title=\'owned\'">';

/** Somebody of that role, signed in. */
export const signedIn = async (house: Pick<House, 'registry' | 'url'>, role: Role = 'engineer'): Promise<Visitor> => {
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

/** A LoRaWAN sensor whose codec is there. */
export const ELSYS = 'elsys/ers-ems';

/** A house with one sensor, aq-1, at the Merseyway precinct, and a site with a hostile name. */
export const openPrecinct = async (): Promise<House> => {
  const house = await openHouse();
  await house.registry.addSite({ id: 'merseyway', name: 'Merseyway precinct', latitude: 53.41, longitude: -2.16 });
  await house.registry.addSite({ id: 'hostile', name: HOSTILE });
  await house.registry.addDevice({
    id: 'aq-1',
    profile: 'kerbside/canonical',
    devEui: '70b3d57ed0050001',
    site: 'merseyway',
  });
  return house;
};

const formOf = (page: Seen): string => /<form[^>]* method="post" action="(\/engineer[^"]*)"/.exec(page.text)?.[1] ?? '';

/** Sends the form of a page, whose address holds what was said before. */
export const fillIn = (visitor: Visitor, page: Seen, fields: Readonly<Record<string, string>>): Promise<Seen> => {
  const action = formOf(page);
  const plain = action.replaceAll('&amp;', '&');
  return visitor.send({ ...page, text: page.text.replaceAll(action, plain) }, plain, fields);
};
