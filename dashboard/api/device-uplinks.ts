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
