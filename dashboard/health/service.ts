import { instant, type Instant } from '../../device-profiles/vocabulary/index.ts';
import type { Listened } from '../../infra/heard/contract.ts';
import type { AuditEntry, Device } from '../../infra/registry/contract.ts';

/** Whether messages are expected of a device with that status: it stands in the street and nobody is at it. */
const isExpected = (status: unknown): boolean => status === 'installed' || status === 'commissioned';

/**
 * When messages of a device were expected, as its audit trail tells: since it was registered, without the times in
 * which it was planned, in maintenance or retired. Oldest first.
 * @param audit of the device, in any order; other actions are passed over.
 */
export const inServiceOf = (device: Device, audit: readonly AuditEntry[], now: Instant): readonly Listened[] => {
  const steps = audit
    .filter(({ action }) => action === 'status-changed')
    .toSorted((a, b) => b.id - a.id)
    .map(({ at, detail }) => ({ at, before: detail['from'] }));
  const spans: Listened[] = [];
  let status: unknown = device.status;
  let to: number = now;
  for (const { at, before } of steps) {
    if (at <= device.createdAt) break;
    if (isExpected(status) && to > at) spans.push({ from: at, to: instant(to) });
    status = before;
    to = Math.min(to, at);
  }
  if (isExpected(status) && to > device.createdAt) spans.push({ from: device.createdAt, to: instant(to) });
  return spans.reverse();
};
