import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { alertId, deviceId, instant, ruleId } from '../../device-profiles/vocabulary/index.ts';
import { NOTE_AT_MOST } from '../../infra/registry/alert-deeds.ts';
import type { Alert } from '../../infra/registry/contract.ts';
import { refusal } from '../contracts/registry/case.ts';
import { onGround } from './ground.ts';

const alert = (id: string): Alert => ({
  id: alertId(id),
  rule: ruleId('r'),
  ruleName: 'A rule',
  severity: 'warning',
  device: deviceId('aq-1'),
  site: null,
  quantity: 'no2',
  state: 'firing',
  startedAt: instant(1_000),
  firedAt: instant(1_000),
  value: 210,
  valueAt: instant(1_000),
  worst: 210,
  threshold: 200,
});

const step = fc.oneof(
  fc.record({ does: fc.constant('acknowledge' as const), who: fc.constantFrom('ada', 'bob') }),
  fc.record({
    does: fc.constant('note' as const),
    who: fc.constantFrom('ada', 'bob'),
    words: fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.string({ minLength: NOTE_AT_MOST - 2, maxLength: NOTE_AT_MOST + 2 }),
    ),
  }),
  fc.record({ does: fc.constant('resolve' as const) }),
  fc.record({ does: fc.constant('fire' as const) }),
);

test('whatever people and rules do, in any order, what was written stays as it was and one acknowledgement counts', async () => {
  await onGround(async ({ registry }) => {
    let n = 0;
    const seen = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const one = alert(`a-${(n += 1)}`);
        await registry.saveAlerts([one]);
        let state: Alert['state'] = 'firing';
        let first: string | undefined;
        let written: unknown[] = [];
        const wrong: string[] = [];
        for (const next of steps) {
          if (next.does === 'resolve' || next.does === 'fire') {
            state = next.does === 'resolve' ? 'resolved' : 'firing';
            await registry.saveAlerts([{ ...one, state }]);
          } else {
            const changes = registry.as({ kind: 'account', name: next.who });
            const outcome = await refusal(
              next.does === 'note' ? changes.noteAlert(one.id, next.words) : changes.acknowledgeAlert(one.id),
            );
            seen.set(`${next.does} ${outcome}`, (seen.get(`${next.does} ${outcome}`) ?? 0) + 1);
            const must =
              first !== undefined ? 'alert-acknowledged' : state === 'resolved' ? 'alert-resolved' : '(done)';
            if (next.does === 'acknowledge' && outcome !== must) wrong.push(`${outcome} instead of ${must}`);
            if (next.does === 'acknowledge' && outcome === '(done)') first = next.who;
          }
          const deeds = await registry.alertDeeds(one.id);
          expect(deeds.slice(0, written.length)).toEqual(written);
          written = [...deeds];
          expect((await registry.alert(one.id))?.acknowledged?.by?.name).toBe(first);
        }
        expect(wrong).toEqual([]);
      }),
      { numRuns: 120 },
    );
    expect([...seen.keys()].toSorted()).toEqual([
      'acknowledge (done)',
      'acknowledge alert-acknowledged',
      'acknowledge alert-resolved',
      'note (done)',
      'note note-invalid',
    ]);
  });
});
