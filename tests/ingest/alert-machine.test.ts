import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  absent,
  deviceId,
  Flag,
  instant,
  measured,
  ruleId,
  type Flag as FlagType,
} from '../../device-profiles/vocabulary/index.ts';
import type { Alert, Rule } from '../../infra/registry/contract.ts';
import { advance, type Sample, type Watch } from '../../infra/alerts/machine.ts';

const MINUTE = 60_000;

const rule = (change: Partial<Rule> = {}): Rule => ({
  id: ruleId('no2-high'),
  name: 'NO2 above 200',
  quantity: 'no2',
  when: 'above',
  threshold: 200,
  clearAt: 180,
  forMs: 0,
  severity: 'warning',
  enabled: true,
  ...change,
});

const sample = (minute: number, value: number | undefined, flag: FlagType = Flag.pass): Sample => ({
  device: deviceId('zephyr-1'),
  site: null,
  time: instant(minute * MINUTE),
  judged: {
    quantity: 'no2',
    value: value === undefined ? absent('missing') : measured(value),
    raw: value ?? null,
    flag,
  },
});

/** Runs samples through the machine; answers what moved, as "state@minute". */
const run = (by: Rule, samples: readonly Sample[]): { moves: string[]; alerts: Alert[]; watch: Watch | undefined } => {
  let watch: Watch | undefined;
  const alerts: Alert[] = [];
  for (const next of samples) {
    const step = advance(by, watch, next);
    watch = step.watch;
    if (step.moved !== undefined) alerts.push(step.moved);
  }
  return { moves: alerts.map((alert) => `${alert.state}@${alert.valueAt / MINUTE}`), alerts, watch };
};

describe('a threshold rule', () => {
  it('fires at once without a for-duration, and only strictly beyond the threshold', () => {
    expect(run(rule(), [sample(0, 200), sample(1, 200.1)]).moves).toEqual(['firing@1']);
  });

  it('waits for its for-duration by the time in the street, not by the number of values', () => {
    const patient = rule({ forMs: 10 * MINUTE });
    expect(run(patient, [sample(0, 250), sample(1, 250), sample(9, 250), sample(10, 250)]).moves).toEqual([
      'pending@0',
      'firing@10',
    ]);
    expect(run(patient, [sample(0, 250), sample(5, 190), sample(10, 250)]).moves).toEqual([
      'pending@0',
      'resolved@5',
      'pending@10',
    ]);
  });

  it('does not flap: a value that trembles about the threshold gives one alert until it is back at the clearing value', () => {
    const trembling = [210, 199, 205, 181, 230, 180, 190].map((value, minute) => sample(minute, value));
    expect(run(rule(), trembling).moves).toEqual(['firing@0', 'resolved@5']);
  });

  it('hands each worse value out to be kept, so that what is kept is never behind, and never beside a move', () => {
    let worsened = 0;
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 150, max: 400, noNaN: true }), { minLength: 2, maxLength: 80 }),
        (values) => {
          let watch: Watch | undefined;
          let kept: Alert | undefined;
          for (const [minute, value] of values.entries()) {
            const step: ReturnType<typeof advance> = advance(rule(), watch, sample(minute, value));
            watch = step.watch;
            kept = step.moved ?? step.worsened ?? kept;
            if (step.worsened !== undefined) worsened += 1;
            expect(step.moved !== undefined && step.worsened !== undefined).toBe(false);
            expect(watch?.alert?.worst).toBe(watch?.alert === undefined ? undefined : kept?.worst);
          }
        },
      ),
    );
    expect(worsened).toBeGreaterThan(50);
  });

  it('works downwards too: a battery below 3.3 V clears at 3.4 V', () => {
    const low = rule({ when: 'below', threshold: 3.3, clearAt: 3.4 });
    const { moves, alerts } = run(
      low,
      [3.5, 3.2, 3.1, 3.35, 3.4].map((value, minute) => sample(minute, value)),
    );
    expect(moves).toEqual(['firing@1', 'resolved@4']);
    expect(alerts.at(-1)?.worst).toBe(3.1);
  });

  it('is decided by good values only: missing, failed and suspect ones change nothing', () => {
    const { moves, watch } = run(rule(), [
      sample(0, 900, Flag.fail),
      sample(1, 900, Flag.suspect),
      sample(2, undefined, Flag.missing),
    ]);
    expect(moves).toEqual([]);
    expect(watch).toBeUndefined();
    expect(
      run(rule(), [sample(0, 300), sample(1, 20, Flag.suspect), sample(2, undefined, Flag.missing)]).moves,
    ).toEqual(['firing@0']);
  });

  it('is not turned back by a late value that is older than what it has seen', () => {
    expect(run(rule(), [sample(10, 300), sample(5, 20)]).moves).toEqual(['firing@10']);
  });

  it('gives the same episode the same name when its values are looked at again', () => {
    const first = run(rule(), [sample(0, 300)]).alerts[0];
    const again = run(rule(), [sample(0, 300)]).alerts[0];
    expect(first?.id).toBe(again?.id);
    expect(run(rule(), [sample(1, 300)]).alerts[0]?.id).not.toBe(first?.id);
  });
});

/** What is wrong with an alert's move after the one before it. */
const faultOf = (by: Rule, before: Alert | undefined, alert: Alert): string => {
  const beyond = by.when === 'above' ? alert.value > by.threshold : alert.value < by.threshold;
  const cleared = by.when === 'above' ? alert.value <= by.clearAt : alert.value >= by.clearAt;
  const open = before?.state === 'resolved' ? undefined : before;
  switch (alert.state) {
    case 'resolved':
      if (open?.id !== alert.id) return 'ends what was not open';
      return (open.state === 'firing' ? cleared : !beyond) ? 'none' : 'ends too early';
    case 'pending':
      if (open !== undefined) return 'begins twice';
      return beyond && by.forMs > 0 ? 'none' : 'waits without need';
    case 'firing':
      if (open?.state !== (by.forMs > 0 ? 'pending' : undefined)) return 'fires out of turn';
      return beyond && alert.valueAt - alert.startedAt >= by.forMs ? 'none' : 'fires without cause';
  }
};

describe('any sequence of values', () => {
  const anySamples = fc
    .array(
      fc.record({
        gap: fc.integer({ min: -2, max: 8 }),
        value: fc.option(fc.integer({ min: 100, max: 300 }), { nil: undefined, freq: 10 }),
        flag: fc.constantFrom<FlagType>(1, 1, 1, 2, 3, 4),
      }),
      { maxLength: 80 },
    )
    .map((steps) => {
      let minute = 20;
      return steps.map(({ gap, value, flag }) =>
        sample((minute += gap), value, value === undefined ? Flag.missing : flag),
      );
    });
  const anyRule = fc
    .record({
      above: fc.boolean(),
      hysteresis: fc.integer({ min: 0, max: 50 }),
      minutes: fc.integer({ min: 0, max: 30 }),
    })
    .map(({ above, hysteresis, minutes }) =>
      rule({
        when: above ? 'above' : 'below',
        threshold: 200,
        clearAt: above ? 200 - hysteresis : 200 + hysteresis,
        forMs: minutes * MINUTE,
      }),
    );

  it('opens and closes in turn, fires only beyond the threshold and after the for-duration, and ends only when cleared', () => {
    let looked = 0;
    fc.assert(
      fc.property(anyRule, anySamples, (by, samples) => {
        const { alerts } = run(by, samples);
        looked += alerts.length;
        expect(alerts.map((alert, index) => faultOf(by, alerts[index - 1], alert))).toEqual(alerts.map(() => 'none'));
      }),
      { numRuns: 1500 },
    );
    expect(looked).toBeGreaterThan(500);
  });

  it('a second look at the same values moves nothing', () => {
    fc.assert(
      fc.property(anyRule, anySamples, (by, samples) => {
        const { watch } = run(by, samples);
        let after = watch;
        for (const again of samples) {
          const step = advance(by, after, again);
          after = step.watch;
          expect(step.moved).toBeUndefined();
        }
      }),
    );
  });
});
