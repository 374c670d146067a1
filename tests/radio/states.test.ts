import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gatewayNow, gatewayStates, wordOf } from '../../dashboard/now/gateways.ts';
import { instant } from '../../device-profiles/vocabulary/index.ts';
import type { GatewayKnown } from '../../infra/radio/contract.ts';
import { MINUTE, NOON } from './ground.ts';

const ago = (minutes: number) => instant(NOON - minutes * MINUTE);
/** The server has listened for so many minutes. */
const listening = (minutes: number) => ({ asOf: NOON, listened: [{ from: ago(minutes), to: NOON }] });
const known = (change: Partial<GatewayKnown> = {}): GatewayKnown => ({
  gateway: 'gw-1',
  connector: 'chirpstack-mqtt',
  firstAt: ago(10_000),
  statsEveryMs: 30_000,
  ...change,
});
const spoke = (minutes: number, change: Partial<GatewayKnown> = {}) =>
  known({ heardAt: ago(minutes), spokeAt: ago(minutes), ...change });
const stateOf = (gateway: GatewayKnown, minutes = 10_000) => gatewayNow(gateway, listening(minutes)).state;

describe('how a gateway is heard', () => {
  test('by its own statistics it is late after five minutes and silent after half an hour', () => {
    expect([4, 6, 29, 31].map((minutes) => stateOf(spoke(minutes)))).toEqual(['ok', 'late', 'late', 'silent']);
    expect(stateOf(spoke(31, { statsEveryMs: 10 * MINUTE }))).toBe('ok');
    expect(stateOf(known())).toBe('never-heard');
  });

  test('one that says no statistics is judged by how often frames come by it', () => {
    const { statsEveryMs: _none, ...silentType } = known();
    const by = (minutes: number, trafficEveryMs: number): GatewayKnown => ({
      ...silentType,
      heardAt: ago(minutes),
      uplinkAt: ago(minutes),
      trafficEveryMs,
    });
    expect(stateOf(by(9, 1_000))).toBe('ok');
    expect(stateOf(by(11, 1_000))).toBe('late');
    expect(stateOf(by(61, 1_000))).toBe('silent');
    expect(stateOf(by(100, 20 * MINUTE))).toBe('ok');
    expect(wordOf(gatewayNow(by(100, 1_000), listening(10_000)))).toMatchObject({ quiet: false });
  });

  test('after a restart nobody is silent for the time in which the server was down', () => {
    expect(stateOf(spoke(600), 1)).toBe('listening');
    expect(stateOf(spoke(600), 6)).toBe('late');
    expect(stateOf(spoke(600), 31)).toBe('silent');
    // It was silent before the server went down: that was listened to.
    const listened = [
      { from: ago(700), to: ago(500) },
      { from: ago(1), to: NOON },
    ];
    expect(gatewayNow(spoke(600), { asOf: NOON, listened }).state).toBe('silent');
  });

  test('one that its network server calls offline is silent at once, until anything comes of it', () => {
    const offline = { online: false, at: ago(1) };
    expect(stateOf(spoke(2, { connection: offline }))).toBe('silent');
    expect(wordOf(gatewayNow(spoke(2, { connection: offline }), listening(99)))).toMatchObject({ offline: true });
    expect(stateOf(spoke(0, { connection: offline }))).toBe('ok');
    expect(stateOf(known({ connection: offline }))).toBe('silent');
    expect(stateOf(spoke(2, { connection: { online: true, at: ago(1) } }))).toBe('ok');
    expect(wordOf(undefined)).toBeUndefined();
  });

  test('the longer it is quiet the worse it is, and a break in listening never makes it worse', () => {
    fc.assert(
      fc.property(fc.nat(5_000), fc.nat(5_000), fc.integer({ min: 1, max: 5_000 }), (a, b, heard) => {
        const order = (minutes: number, since: number) =>
          ['ok', 'listening', 'late', 'silent'].indexOf(stateOf(spoke(minutes), since));
        const [less, more] = a < b ? [a, b] : [b, a];
        expect(order(less, 10_000)).toBeLessThanOrEqual(order(more, 10_000));
        expect(order(more, heard)).toBeLessThanOrEqual(order(more, 10_000));
        expect(gatewayStates).toContain(stateOf(spoke(less), heard));
      }),
    );
  });
});
