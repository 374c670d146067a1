import { Conflict } from '../../device-profiles/vocabulary/index.ts';

/**
 * Where a device is in its life. `planned`: registered, not in the street yet; it may speak, on somebody's bench.
 * `installed`: in the street, and nobody has looked yet whether what it says is right. `commissioned`: looked at, it
 * counts. `maintenance`: somebody is at it; what it says is kept and alerts nobody. `retired`: refused at the doors, its
 * uplinks go to quarantine, its history stays.
 */
export const deviceStatuses = ['planned', 'installed', 'commissioned', 'maintenance', 'retired'] as const;
export type DeviceStatus = (typeof deviceStatuses)[number];

/** What may follow what. A retired device comes back as one that is planned anew, or as it was if that was a mistake. */
const next: Readonly<Record<DeviceStatus, readonly DeviceStatus[]>> = {
  planned: ['installed', 'commissioned', 'retired'],
  installed: ['planned', 'commissioned', 'maintenance', 'retired'],
  commissioned: ['maintenance', 'retired'],
  maintenance: ['installed', 'commissioned', 'retired'],
  retired: ['planned', 'commissioned'],
};

/** Whether a device may go from the one to the other; staying is no step, and always right. */
export const mayFollow = (from: DeviceStatus, to: DeviceStatus): boolean => from === to || next[from].includes(to);

/** @throws Conflict (`status-refused`) with what may follow. */
export const assertMayFollow = (device: string, from: DeviceStatus, to: DeviceStatus): void => {
  if (mayFollow(from, to)) return;
  throw new Conflict(
    'status-refused',
    `${device} is ${from} and cannot become ${to}: from ${from} a device becomes ${next[from].join(' or ')}`,
  );
};

/** Whether a device stands in the street and its silence is somebody's concern. */
export const isInService = (status: DeviceStatus): boolean => status !== 'planned' && status !== 'retired';
