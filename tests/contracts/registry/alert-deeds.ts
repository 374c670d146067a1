import { expect } from 'vitest';
import { alertId, deviceId, instant, ruleId, siteId } from '../../../device-profiles/vocabulary/index.ts';
import type { Actor, Alert, AlertQuery } from '../../../infra/registry/contract.ts';
import { refusal, type RegistryCase } from './case.ts';

const alert: Alert = {
  id: alertId('a-1'),
  rule: ruleId('no2-busy'),
  ruleName: 'NO2 above 200',
  severity: 'critical',
  device: deviceId('aq-1'),
  site: siteId('mersey-square'),
  quantity: 'no2',
  state: 'firing',
  startedAt: instant(1_000),
  firedAt: instant(2_000),
  value: 210.5,
  valueAt: instant(3_000),
  worst: 222.25,
  threshold: 200,
  asked: { quantity: 'no2', site: siteId('mersey-square'), when: 'above', threshold: 200, clearAt: 180, forMs: 60_000 },
};
const ada: Actor = { kind: 'account', name: 'Ada Brightwater (ada@example.org)' };
const bob: Actor = { kind: 'command-line', name: 'bob' };

/** What people do about alerts. */
export const alertDeedCases: readonly RegistryCase[] = [
  {
    title: 'an alert is acknowledged once: whoever is first counts, and the second is told who that was',
    run: async ({ registry, clock, restart }) => {
      await registry.saveAlerts([alert]);
      const first = await registry.as(ada).acknowledgeAlert(alert.id);
      expect(first).toMatchObject({ alert: alert.id, kind: 'acknowledged', at: clock.now(), by: ada });
      await expect(registry.as(bob).acknowledgeAlert(alert.id)).rejects.toMatchObject({
        code: 'alert-acknowledged',
        message: expect.stringContaining(ada.name),
      });
      const acknowledged = { at: clock.now(), by: ada };
      expect(await registry.alert(alert.id)).toEqual({ ...alert, acknowledged });
      // What the rules make of it afterwards takes nothing of that away.
      const later: Alert = { ...alert, state: 'resolved', resolvedAt: instant(9_000), ending: 'cleared' };
      await registry.saveAlerts([later]);
      const again = await restart();
      expect(await again.alert(alert.id)).toEqual({ ...later, acknowledged });
      expect(await again.alertDeeds(alert.id)).toEqual([first]);
      expect(
        (await again.audit({ limit: 10, subject: { kind: 'alert', id: alert.id } })).map(({ action, actor }) => [
          action,
          actor.name,
        ]),
      ).toEqual([['alert-acknowledged', ada.name]]);
    },
  },
  {
    title: 'an alert that is over can have notes and cannot be acknowledged; one that is not there can have neither',
    run: async ({ registry }) => {
      await registry.saveAlerts([{ ...alert, state: 'resolved', resolvedAt: instant(9_000) }]);
      expect(await refusal(registry.acknowledgeAlert(alert.id))).toBe('alert-resolved');
      expect(await refusal(registry.noteAlert(alert.id, 'a burst main, mended'))).toBe('(done)');
      expect(await refusal(registry.acknowledgeAlert(alertId('a-2')))).toBe('alert-unknown');
      expect(await refusal(registry.noteAlert(alertId('a-2'), 'x'))).toBe('alert-unknown');
      expect(await registry.alertDeeds(alert.id)).toHaveLength(1);
      expect(await registry.alertDeeds(alertId('a-2'))).toEqual([]);
    },
  },
  {
    title: 'notes stay in the order in which they were written, whole, each with who and when',
    run: async ({ registry, clock }) => {
      await registry.saveAlerts([alert, { ...alert, id: alertId('a-2') }]);
      const words = ['First.\nSecond line: <b>&"\'', 'Zweite Notiz – ü', 'x'.repeat(2_000)];
      for (const [n, note] of words.entries()) {
        clock.set(instant(clock.now() + 1_000));
        await registry.as(n === 1 ? bob : ada).noteAlert(alert.id, `  ${note}\r\n`);
        await registry.noteAlert(alertId('a-2'), 'of another alert');
      }
      const kept = await registry.alertDeeds(alert.id);
      expect(kept.map(({ note }) => note)).toEqual(words);
      expect(kept.map(({ by }) => by.name)).toEqual([ada.name, bob.name, ada.name]);
      expect(kept.map(({ at }) => at)).toEqual(kept.map(({ at }) => at).toSorted((a, b) => a - b));
      const bad = ['', '  \n ', 'x'.repeat(2_001), 'a\u0000b', 'a\u202Eb'];
      expect(await Promise.all(bad.map((note) => refusal(registry.noteAlert(alert.id, note))))).toEqual(
        bad.map(() => 'note-invalid'),
      );
      expect(await registry.alertDeeds(alert.id)).toHaveLength(3);
    },
  },
  {
    title: 'of many who acknowledge an alert at the same moment one is the first, in every process',
    run: async ({ registry, another }) => {
      await registry.saveAlerts([alert]);
      const other = await another();
      const people = Array.from({ length: 12 }, (_, n) =>
        (n % 2 === 0 ? registry : other).as({ kind: 'account', name: `p${n}` }),
      );
      const outcomes = await Promise.all(people.map((one) => refusal(one.acknowledgeAlert(alert.id))));
      expect(outcomes.filter((outcome) => outcome === '(done)')).toHaveLength(1);
      expect(outcomes.filter((outcome) => outcome === 'alert-acknowledged')).toHaveLength(11);
      await Promise.all(people.map((one, n) => one.noteAlert(alert.id, `note ${n}`)));
      const deeds = await other.alertDeeds(alert.id);
      expect(deeds.filter(({ kind }) => kind === 'acknowledged')).toHaveLength(1);
      expect(new Set(deeds.map(({ note }) => note)).size).toBe(13);
      expect(deeds.map(({ id }) => id)).toEqual(deeds.map(({ id }) => id).toSorted((a, b) => a - b));
    },
  },
  {
    title: 'alerts are found by site, quantity, rule and time, and all that is asked must fit',
    run: async ({ registry }) => {
      const others: readonly Alert[] = [
        { ...alert, id: alertId('b'), site: siteId('bredbury'), startedAt: instant(5_000) },
        { ...alert, id: alertId('c'), rule: ruleId('other'), startedAt: instant(6_000), state: 'pending' },
        {
          ...alert,
          id: alertId('d'),
          quantity: 'pm2_5',
          device: deviceId('aq-2'),
          startedAt: instant(7_000),
          state: 'resolved',
        },
      ];
      await registry.saveAlerts([alert, ...others]);
      await registry.acknowledgeAlert(alertId('c'));
      await registry.acknowledgeAlert(alert.id);
      await registry.saveAlerts([{ ...alert, state: 'resolved' }]);
      const ids = async (query: Omit<AlertQuery, 'limit'>): Promise<string> =>
        (await registry.alerts({ limit: 10, ...query })).alerts.map(({ id }) => id).join(' ');
      expect(await ids({})).toBe('d c b a-1');
      expect(await ids({ site: siteId('mersey-square') })).toBe('d c a-1');
      expect(await ids({ quantity: 'pm2_5' })).toBe('d');
      expect(await ids({ device: deviceId('aq-1') })).toBe('c b a-1');
      expect(await ids({ rule: ruleId('other') })).toBe('c');
      expect(await ids({ since: instant(6_000) })).toBe('d c');
      expect(await ids({ state: 'open' })).toBe('c b');
      expect(await ids({ state: 'acknowledged' })).toBe('c');
      expect(await ids({ state: 'resolved', site: siteId('mersey-square'), since: instant(2_000) })).toBe('d');
      expect(await ids({ rule: ruleId('nobody') })).toBe('');
      const one = await registry.alerts({ limit: 1, site: siteId('mersey-square') });
      expect(
        (
          await registry.alerts({
            limit: 1,
            site: siteId('mersey-square'),
            ...(one.next === undefined ? {} : { before: one.next }),
          })
        ).alerts.map(({ id }) => id),
      ).toEqual(['c']);
    },
  },
];
