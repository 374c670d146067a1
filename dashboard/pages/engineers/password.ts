import { KEEP_OLD_TOKEN_MS, type Device } from '../../../infra/registry/contract.ts';
import { again, changesOf, fresh } from '../accounts/parts.ts';
import type { Desk } from '../desk.ts';
import type { Page } from '../page.ts';
import { deviceIn, workHref, type EngineerParts } from './parts.ts';

/** For how long the password before stays good, by the word of the form: a sensor in the street must be told the new one first. */
const kept = new Map([
  ['days', KEEP_OLD_TOKEN_MS],
  ['none', 0],
]);

const passwordPage = ({ id }: Device): Page => ({
  template: 'engineers/password',
  title: `A new password for ${id}`,
  section: 'engineer',
  content: { id, href: workHref(id), action: `${workHref(id)}/password`, days: KEEP_OLD_TOKEN_MS / 86_400_000 },
});

/** A new password of a sensor that signs in by MQTT or HTTP, for whoever has lost the one that was shown once. */
export const passwordPages = (desk: Desk, parts: EngineerParts): void => {
  desk.get('/engineer/devices/:id/password', 'manage', (visit) => fresh(passwordPage(deviceIn(parts, visit))));
  desk.post('/engineer/devices/:id/password', 'manage', async (visit) => {
    const device = deviceIn(parts, visit);
    const keepMs = kept.get(visit.field('old'));
    if (keepMs === undefined)
      return again(passwordPage(device), [{ field: 'old', text: 'Choose what becomes of the password before' }]);
    const { token } = await changesOf(parts, visit).rotateToken(device.id, keepMs);
    return fresh({
      template: 'engineers/registered',
      title: `${device.id} has a new password`,
      section: 'engineer',
      content: { id: device.id, token, href: workHref(device.id) },
    });
  });
};
