import type { DeviceNames, Entry, Journal } from '../../infra/journal/contract.ts';
import type { Device } from '../../infra/registry/contract.ts';

/** The names that senders may have used of a device. */
export const namesOf = ({ id, devEui }: Device): DeviceNames => ({ id, ...(devEui === undefined ? {} : { devEui }) });

/** A device's newest uplinks, newest first: the journal knows it by whatever name its sender used. */
export const newestOf = async (
  journal: Pick<Journal, 'newest'>,
  { id, devEui }: DeviceNames,
  query: { readonly limit: number; readonly before?: number },
): Promise<readonly Entry[]> => {
  const pages = await Promise.all([
    journal.newest({ device: { by: 'id', value: id }, ...query }),
    devEui === undefined ? [] : journal.newest({ device: { by: 'devEui', value: devEui }, ...query }),
  ]);
  return pages
    .flat()
    .sort((a, b) => b.seq - a.seq)
    .slice(0, query.limit);
};

/** The place behind which a device's newest `last` uplinks lie, and whatever comes then. */
export const placeBefore = async (
  journal: Pick<Journal, 'newest' | 'following'>,
  device: DeviceNames,
  last: number,
): Promise<number> => {
  const entries = last === 0 ? [] : await newestOf(journal, device, { limit: last });
  const first = entries.at(-1);
  if (first !== undefined) return first.seq - 1;
  return (await journal.following({ device, after: Number.MAX_SAFE_INTEGER, limit: 1 })).seen;
};
