import { base32, otpauth } from '../../../infra/accounts/totp.ts';
import type { Account, Session } from '../../../infra/registry/contract.ts';
import { ownPath } from '../../accounts/own-path.ts';
import { drawQr } from '../../labels/qr.ts';
import type { Desk, Shown, Visit } from '../desk.ts';
import type { Page } from '../page.ts';
import { again, carry, fresh, notRight, personOf, seatOf, type AccountParts } from './parts.ts';
import { stepOf } from './sign-in.ts';

/** Any size does: the drawing scales, and an app reads it from a screen. */
const QR_SIDE_MM = 60;

const setUpPage = async (
  { registry, config }: AccountParts,
  account: Account,
  where: { readonly action: string; readonly back: string; readonly must: boolean },
): Promise<Page> => {
  const secret = await registry.pendingSecondFactor(account.id);
  const uri = otpauth(secret, { issuer: config.dashboard.name, account: account.email });
  return {
    template: 'accounts/second-factor',
    title: 'Set up a second factor',
    // Who has one must show his password to put another in its place: a browser that was left open is not enough.
    content: {
      ...where,
      asksPassword: account.secondFactor,
      email: account.email,
      uri,
      secret: (base32(secret).match(/.{1,4}/g) ?? []).join(' '),
      qr: drawQr(uri, QR_SIDE_MM),
    },
  };
};

const codesPage = (codes: readonly string[], onwards: string): Page => ({
  template: 'accounts/recovery-codes',
  title: 'Keep your recovery codes',
  content: { codes, onwards },
});

/** Setting up a second factor: of one's own will, or because the role asks for it before anything else opens. */
export const secondFactorPages = (desk: Desk, parts: AccountParts): void => {
  const { registry } = parts;
  const wrong = {
    field: 'code',
    text: 'That code is not the one that the app shows now. Check that the clock of the phone is right',
  };
  desk.get('/account/second-factor', 'signed-in', async (visit) =>
    fresh(
      await setUpPage(parts, personOf(visit).session.account, {
        action: '/account/second-factor',
        back: '/account',
        must: false,
      }),
    ),
  );
  desk.post('/account/second-factor', 'signed-in', async (visit) => {
    const { account } = personOf(visit).session;
    const knows = account.secondFactor ? await parts.signIn.knows(account, visit.field('current')) : 'right';
    const codes =
      knows === 'right' ? await registry.confirmSecondFactor(account.id, visit.field('code').slice(0, 40)) : undefined;
    if (codes !== undefined) return { page: codesPage(codes, '/account?done=on') };
    const refused = knows === 'right' ? wrong : { field: 'current', text: notRight(knows) };
    return again(await setUpPage(parts, account, { action: '/account/second-factor', back: '/account', must: false }), [
      refused,
    ]);
  });
  const enrolling = (
    visit: Visit,
    then: (step: { readonly token: string; readonly session: Session }, back: string) => Promise<Shown>,
  ): Promise<Shown> | Shown => {
    const back = ownPath(visit.request.method === 'GET' ? visit.query('back') : visit.field('back'));
    const step = stepOf(parts, visit, 'enrol');
    return step === undefined ? { to: '/sign-in' } : then(step, back);
  };
  desk.get('/sign-in/second-factor', 'anybody', (visit) =>
    enrolling(visit, async ({ session }, back) =>
      fresh(await setUpPage(parts, session.account, { action: '/sign-in/second-factor', back, must: true })),
    ),
  );
  desk.post('/sign-in/second-factor', 'anybody', (visit) =>
    enrolling(visit, async ({ token, session }, back) => {
      const codes = await registry.confirmSecondFactor(session.account.id, visit.field('code').slice(0, 40));
      if (codes === undefined)
        return again(await setUpPage(parts, session.account, { action: '/sign-in/second-factor', back, must: true }), [
          wrong,
        ]);
      await registry.closeSession(token);
      const { idleMs, lastsMs } = parts.settings;
      const begun = await registry.openSession({
        account: session.account.id,
        stage: 'full',
        idleMs,
        lastsMs,
        ...seatOf(visit),
      });
      carry(visit, begun.token);
      return { page: codesPage(codes, back) };
    }),
  );
};
