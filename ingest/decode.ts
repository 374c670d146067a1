import { isUnusable } from '../device-profiles/profile.ts';
import { sort, type DecodedUplink, type IdentifiedUplink, type Sorted } from './steps.ts';

/** Bytes to the maker's words, as the profile says. */
export const decode = (identified: readonly IdentifiedUplink[]): Sorted<DecodedUplink> =>
  sort(identified, ({ entry, device, profile }) => {
    const { payload, receivedAt, lorawan } = entry.uplink;
    const messages = profile.decode({ payload, receivedAt, ...(lorawan === undefined ? {} : { fPort: lorawan.fPort }) });
    return isUnusable(messages) ? messages : [{ entry, device, profile, messages }];
  });
