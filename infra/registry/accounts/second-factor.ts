import { foldedRecoveryCode, looksLikeRecoveryCode, newRecoveryCodes } from '../../accounts/recovery.ts';
import { newTotpSecret, stepOf } from '../../accounts/totp.ts';
import { recordAs } from '../audit.ts';
import type { Seal } from '../seal.ts';
import type { Trx } from '../tables.ts';
import { toAccount } from './changes.ts';
import type { AccountRegister } from './contract.ts';
import { accountActor, accountIn, change, type AccountParts } from './parts.ts';

type SecondFactor = Pick<
  AccountRegister,
  'pendingSecondFactor' | 'confirmSecondFactor' | 'useSecondFactor' | 'sealWords' | 'openWords'
>;

/** Codes of an app beside the password. Their secrets are sealed for their account; recovery codes are kept as digests. */
export const secondFactor = ({
  database,
  credentials,
  clock,
  seal,
}: Omit<AccountParts, 'record'> & { readonly seal: Seal }): SecondFactor => {
  const sealed = (id: string, secret: Uint8Array): string =>
    seal.close(`totp ${id}`, Buffer.from(secret).toString('base64'));
  const opened = (id: string, text: string): Uint8Array =>
    new Uint8Array(Buffer.from(seal.open(`totp ${id}`, text), 'base64'));
  const digest = (id: string, code: string): string =>
    credentials.ofShown('recovery', `${id} ${foldedRecoveryCode(code)}`);
  /** The update finds no row when the step was used in the meantime: of two requests with one code, one is right. */
  const takeStep = async (trx: Trx, id: string, step: number): Promise<boolean> => {
    const { numUpdatedRows } = await trx
      .updateTable('account')
      .set({ totp_step: step })
      .where('id', '=', id)
      .where('totp_step', '<', step)
      .executeTakeFirstOrThrow();
    return numUpdatedRows > 0n;
  };
  return {
    pendingSecondFactor: (id) =>
      change(database, async (trx) => {
        const { totpPending } = await accountIn(trx, id);
        if (totpPending !== undefined) return opened(id, totpPending);
        const secret = newTotpSecret();
        await trx
          .updateTable('account')
          .set({ totp_pending: sealed(id, secret) })
          .where('id', '=', id)
          .execute();
        return secret;
      }),
    confirmSecondFactor: (id, code) =>
      change(database, async (trx) => {
        const { account, totpPending } = await accountIn(trx, id);
        if (totpPending === undefined) return undefined;
        const step = stepOf(code, { secret: opened(id, totpPending), at: clock.now(), after: 0 });
        if (step === undefined) return undefined;
        await trx
          .updateTable('account')
          .set({ totp: totpPending, totp_pending: null, totp_step: step })
          .where('id', '=', id)
          .execute();
        await trx.deleteFrom('recovery_code').where('account', '=', id).execute();
        const codes = newRecoveryCodes();
        await trx
          .insertInto('recovery_code')
          .values(codes.map((one) => ({ account: id, digest: digest(id, one) })))
          .execute();
        await recordAs(accountActor(account), clock)(trx, [toAccount('second-factor-on', account)]);
        return codes;
      }),
    useSecondFactor: (id, typed) =>
      change(database, async (trx) => {
        const { account, totp, totpStep } = await accountIn(trx, id);
        if (totp === undefined) return undefined;
        if (looksLikeRecoveryCode(typed)) {
          const { numDeletedRows } = await trx
            .deleteFrom('recovery_code')
            .where('account', '=', id)
            .where('digest', '=', digest(id, typed))
            .executeTakeFirstOrThrow();
          if (numDeletedRows === 0n) return undefined;
          await recordAs(accountActor(account), clock)(trx, [toAccount('recovery-code-used', account)]);
          return 'recovery';
        }
        const step = stepOf(typed, { secret: opened(id, totp), at: clock.now(), after: totpStep });
        return step !== undefined && (await takeStep(trx, id, step)) ? 'app' : undefined;
      }),
    sealWords: (about, words) => seal.close(`words ${about}`, words),
    openWords: (about, text) => {
      try {
        return seal.open(`words ${about}`, text);
      } catch {
        // Altered, cut, or sealed before the secret changed: all the same to whoever shows it.
        return undefined;
      }
    },
  };
};
