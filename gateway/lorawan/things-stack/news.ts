import type { DevEui } from '../../../device-profiles/vocabulary/index.ts';
import type { NetworkMessage } from '../message.ts';

/** Leaves out what was told already: the network says with each uplink what its register has of the device. */
export interface News {
  of(messages: readonly NetworkMessage[]): readonly NetworkMessage[];
}

/** More devices than a council has; beyond it the one that was told longest ago is told again. A kilobyte each. */
const DEVICES_AT_MOST = 20_000;

export const openNews = (): News => {
  const told = new Map<DevEui, string>();
  const isNew = (message: NetworkMessage): boolean => {
    if (message.kind !== 'described') return true;
    const { devEui, detail } = message;
    const words = JSON.stringify(detail);
    const known = told.get(devEui) === words;
    told.delete(devEui);
    told.set(devEui, words);
    if (told.size > DEVICES_AT_MOST) {
      const oldest = told.keys().next();
      if (oldest.done !== true) told.delete(oldest.value);
    }
    return !known;
  };
  return { of: (messages) => (messages.every((one) => one.kind !== 'described') ? messages : messages.filter(isNew)) };
};
