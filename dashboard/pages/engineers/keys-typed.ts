import type { RowKeys } from '../../../infra/registry/bulk/contract.ts';
import type { Visit } from '../desk.ts';

const KEY_AT_MOST = 80;

/** The root keys that were typed into a form; those that were not are left as they are kept. */
export const keysIn = (visit: Visit): RowKeys => {
  const [appKey, nwkKey] = ['appKey', 'nwkKey'].map((name) => visit.field(name).trim().slice(0, KEY_AT_MOST));
  return {
    ...(appKey === undefined || appKey === '' ? {} : { appKey }),
    ...(nwkKey === undefined || nwkKey === '' ? {} : { nwkKey }),
  };
};
