import { iso, type Instant } from '../../../device-profiles/vocabulary/index.ts';
import { toDevice, type Deed } from '../audit.ts';
import { changesOfDevice } from './changes.ts';
import type { NewToken, RowChange } from './contract.ts';
import type { DeviceDeed, Plan } from './plan.ts';
import type { Deployment, Device } from '../contract.ts';
import { newToken, tokenRow } from '../credentials.ts';
import { endDeployment, namingCalledOff } from '../deployment-table.ts';
import { keepDevice, type DeviceParts } from '../device-table.ts';
import { keepLorawanKeys } from '../lorawan-keys.ts';
import { deviceRow, siteRow } from '../rows.ts';
import type { Seal } from '../seal.ts';
import type { Trx } from '../tables.ts';

/** Rows for one INSERT: its statement is built in a few milliseconds, in which nobody else has a turn. */
const ROWS_AT_ONCE = 100;

/** What applying a plan stands on. */
export interface ApplyParts extends Pick<DeviceParts, 'record' | 'credentials' | 'clock'> {
  readonly seal: Seal;
  /** A number for the next few rows: those who follow read as many at once as came under one. */
  readonly nextRevision: () => Promise<number>;
  /** Awaited between pieces of work: gives others a turn when it is time. */
  readonly pause: () => Promise<void>;
  readonly done: (devices: number) => void;
}

/** Does what the plan says, with a line in the audit trail for each device and site. Answers the new devices' tokens. */
export const applyPlan = async (trx: Trx, plan: Plan, parts: ApplyParts): Promise<readonly NewToken[]> => {
  await putSites(trx, plan, parts);
  const tokens = await addDevices(
    trx,
    plan.devices.filter(({ before }) => before === undefined),
    parts,
  );
  await changeDevices(
    trx,
    plan.devices.filter(({ before }) => before !== undefined),
    parts,
  );
  return tokens;
};

const putSites = async (trx: Trx, { sites }: Plan, { nextRevision, record, pause }: ApplyParts): Promise<void> => {
  for (const some of slices(sites.added)) {
    const revision = await nextRevision();
    await trx
      .insertInto('site')
      .values(some.map((site) => siteRow(site, revision)))
      .execute();
    await record(
      trx,
      some.map(({ id, name }) => toSite('site-added', id, { name })),
    );
    await pause();
  }
  for (const some of slices(sites.changed)) {
    const revision = await nextRevision();
    for (const { after, changes } of some) {
      const { id, ...columns } = siteRow(after, revision);
      await trx.updateTable('site').set(columns).where('id', '=', id).execute();
      await record(trx, [toSite('site-changed', id, newTexts(changes))]);
      await pause();
    }
  }
};

const addDevices = async (trx: Trx, added: readonly DeviceDeed[], parts: ApplyParts): Promise<readonly NewToken[]> => {
  const { nextRevision, record, credentials, clock, pause, done } = parts;
  const tokens: NewToken[] = [];
  for (const some of slices(added)) {
    const fresh = some.map(({ after }) => ({ id: after.id, token: tokenForTable() }));
    const revision = await nextRevision();
    await trx
      .insertInto('device')
      .values(some.map(({ after }) => deviceRow(after, revision)))
      .execute();
    await trx
      .insertInto('credential')
      .values(fresh.map(({ id, token }) => tokenRow({ device: id, token, now: clock.now(), credentials })))
      .execute();
    const deployed = some.flatMap(({ after, step }) =>
      step === undefined ? [] : [{ device: after.id, site: step.site, from_at: step.at, to_at: null }],
    );
    if (deployed.length > 0) await trx.insertInto('deployment').values(deployed).execute();
    await record(trx, some.map(addedDeed));
    await keepKeys(trx, some, parts);
    tokens.push(...fresh);
    done(some.length);
    await pause();
  }
  return tokens;
};

/** Tokens of many devices are handed over in a table, where a spreadsheet takes what begins with "-" for a formula. */
const tokenForTable = (): string => {
  for (;;) {
    const token = newToken();
    if (!token.startsWith('-')) return token;
  }
};

const addedDeed = ({ after: { id, name, profile, status }, step }: DeviceDeed): Deed =>
  toDevice('device-added', id, { name, profile, status, site: step?.site ?? null });

const changeDevices = async (trx: Trx, devices: readonly DeviceDeed[], parts: ApplyParts): Promise<void> => {
  for (const some of slices(devices)) {
    const revision = await parts.nextRevision();
    for (const { before, after, step } of some) {
      await keepDevice(trx, after, revision);
      const calledOff = await takeStep(trx, after, { step, now: parts.clock.now() });
      if (before !== undefined) await parts.record(trx, changeDeeds(before, after, { step, calledOff }));
      parts.done(1);
      await parts.pause();
    }
    await keepKeys(trx, some, parts);
  }
};

const keepKeys = async (trx: Trx, devices: readonly DeviceDeed[], { seal, clock, record }: ApplyParts): Promise<void> =>
  keepLorawanKeys(
    trx,
    devices.flatMap(({ after, keys }) => (keys === undefined ? [] : [{ device: after.id, ...keys }])),
    { seal, now: clock.now(), record },
  );

/** Answers what was planned for later and is called off with it. */
const takeStep = async (
  trx: Trx,
  { id }: Device,
  { step, now }: { readonly step: DeviceDeed['step']; readonly now: Instant },
): Promise<readonly Deployment[]> => {
  if (step === undefined) return [];
  const { kind, site, at } = step;
  if (kind === 'correct') {
    await trx
      .updateTable('deployment')
      .set({ from_at: at })
      .where('device', '=', id)
      .where('from_at', '=', step.was)
      .execute();
    return [];
  }
  const { calledOff } = kind === 'begin' ? { calledOff: [] } : await endDeployment(trx, { device: id, at, now });
  if (kind !== 'end')
    await trx.insertInto('deployment').values({ device: id, site, from_at: at, to_at: null }).execute();
  return calledOff;
};

const changeDeeds = (
  before: Device,
  after: Device,
  { step, calledOff }: { readonly step: DeviceDeed['step']; readonly calledOff: readonly Deployment[] },
): readonly Deed[] => {
  const { id } = after;
  const changes = changesOfDevice(before, after, undefined).filter(({ field }) => field !== 'status');
  return [
    ...(before.status === after.status
      ? []
      : [toDevice('status-changed', id, { from: before.status, to: after.status })]),
    ...(changes.length === 0 ? [] : [toDevice('device-changed', id, newTexts(changes))]),
    ...(step === undefined ? [] : [stepDeed(id, step, calledOff)]),
  ];
};

const stepDeed = (id: string, step: NonNullable<DeviceDeed['step']>, calledOff: readonly Deployment[]): Deed =>
  step.kind === 'end'
    ? toDevice('withdrawn', id, { site: step.site, ...namingCalledOff(calledOff) })
    : toDevice('deployed', id, {
        site: step.site,
        from: text(step.at),
        ...(step.kind === 'correct' ? { was: text(step.was) } : {}),
        ...namingCalledOff(calledOff),
      });

const text = (at: Instant): string => iso(at);

const toSite = (action: 'site-added' | 'site-changed', id: string, detail: Deed['detail']): Deed => ({
  action,
  subject: { kind: 'site', id },
  detail,
});

/** What changed to what; long lists are cut, because the trail is kept for ever. */
const newTexts = (changes: readonly RowChange[]): Deed['detail'] =>
  Object.fromEntries(changes.map(({ field, to }) => [field, to.slice(0, DETAIL_AT_MOST)]));
const DETAIL_AT_MOST = 200;

const slices = <T>(list: readonly T[]): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(list.length / ROWS_AT_ONCE) }, (_, index) =>
    list.slice(index * ROWS_AT_ONCE, (index + 1) * ROWS_AT_ONCE),
  );
