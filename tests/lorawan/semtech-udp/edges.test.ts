import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAllowList } from '../../../gateway/lorawan/semtech-udp/allow-list.ts';
import { openTurns, PIECE_BYTES, takeTurn } from '../../../gateway/lorawan/semtech-udp/turns.ts';

describe('the list of gateways', () => {
  const list = readAllowList(
    'AA555A0000000101,aa555a0000000102@10.8.0.7,aa555a0000000103@10.8.0.0/24,aa555a0000000103@2001:db8::/32,aa555a0000000104@::1',
  );

  it.each([
    ['aa555a0000000101', '198.51.100.9', undefined],
    ['aa555a0000000101', '2001:db8::1', undefined],
    ['aa555a0000000102', '10.8.0.7', undefined],
    ['aa555a0000000102', '::ffff:10.8.0.7', undefined],
    ['aa555a0000000102', '10.8.0.8', 'gateway-elsewhere'],
    ['aa555a0000000103', '10.8.0.200', undefined],
    ['aa555a0000000103', '10.8.1.200', 'gateway-elsewhere'],
    ['aa555a0000000103', '2001:db8:7::1', undefined],
    ['aa555a0000000104', '::1', undefined],
    ['aa555a0000000104', '127.0.0.1', 'gateway-elsewhere'],
    ['aa555a0000000102', 'nowhere', 'gateway-elsewhere'],
    ['aa555a0000000105', '10.8.0.7', 'gateway-unknown'],
  ])('%s from %s: %s', (gateway, address, refusal) => {
    expect(list.refusal(gateway, address)).toBe(refusal);
  });

  it('may be empty, and then nobody is heard', () => {
    expect(readAllowList('').refusal('aa555a0000000101', '127.0.0.1')).toBe('gateway-unknown');
    expect([readAllowList('').size, list.size]).toEqual([0, 4]);
  });

  it.each([
    'aa555a0000000101@10.8.0',
    'aa555a0000000101@10.8.0.0/33',
    'aa555a0000000101@gw.example',
    'aa555a0000000101@10.8',
  ])('with %s is a mistake', (text) => {
    expect(() => readAllowList(text)).toThrow(expect.objectContaining({ code: 'gateway-address-invalid' }));
  });
});

describe('turns', () => {
  it('lose nobody else anything when one sends too much, and the sender its oldest', () => {
    const turns = openTurns<string>(2 * (PIECE_BYTES + 1));
    expect([
      turns.add('a', 'a1', 1),
      turns.add('a', 'a2', 1),
      turns.add('b', 'b1', 1),
      turns.add('a', 'a3', 1),
      turns.add('a', 'a4', 1),
    ]).toEqual([0, 0, 0, 1, 1]);
    expect(turns.waiting).toBe(3);
    expect([turns.next(), turns.next(), turns.next(), turns.next()]).toEqual(['a3', 'b1', 'a4', undefined]);
  });

  it('keep the newest, however large it is', () => {
    const turns = openTurns<string>(2 * PIECE_BYTES + 10);
    expect([
      turns.add('a', 'a1', 5),
      turns.add('a', 'a2', 5),
      turns.add('a', 'a3', 6),
      turns.add('a', 'a4', 60),
    ]).toEqual([0, 0, 2, 1]);
    expect([turns.waiting, turns.next(), turns.next(), turns.waiting]).toEqual([1, 'a4', undefined, 0]);
  });

  it('weigh what a piece takes beside its bytes, so that tiny ones do not pile up', () => {
    const turns = openTurns<number>(512 * 1024);
    for (let n = 0; n < 40_000; n += 1) turns.add('a', n, 14);
    expect(turns.waiting).toBe(Math.floor((512 * 1024) / (14 + PIECE_BYTES)));
  });

  it('end after so many frames, or so long, and with nothing left', () => {
    const served = (frames: number, msEach: number): number => {
      const turns = openTurns<number>(1e9);
      for (let n = 0; n < 1_000; n += 1) turns.add('a', n, 1);
      let clock = 0;
      takeTurn(turns, { work: () => ((clock += msEach), frames), now: () => clock });
      return 1_000 - turns.waiting;
    };
    expect([served(0, 0), served(1, 0), served(10, 0), served(255, 0)]).toEqual([256, 256, 26, 2]);
    expect([served(1, 1), served(0, 2), served(255, 20)]).toEqual([5, 3, 1]);
    const nothing = openTurns<number>(1);
    takeTurn(nothing, { work: () => expect.unreachable(), now: () => 0 });
    expect(nothing.waiting).toBe(0);
  });

  it('keep the order of each, wait for nobody for longer than a round, and add up', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.constantFrom('a', 'b', 'c'))), (steps) => {
        const turns = openTurns<readonly [string, number]>(3 * (PIECE_BYTES + 1));
        let dropped = 0;
        const out: (readonly [string, number])[] = [];
        for (const [n, sender] of steps.entries()) {
          if (sender !== null) dropped += turns.add(sender, [sender, n], 1);
          else out.push(...[turns.next()].filter((each) => each !== undefined));
        }
        const left = turns.waiting;
        const rest = Array.from({ length: left }, () => turns.next()).filter((each) => each !== undefined);
        // With every queue filled before the first turn, the rest come round by round.
        expect(rest.slice(0, new Set(rest.map(([sender]) => sender)).size).length).toBe(
          new Set(rest.slice(0, 3).map(([sender]) => sender)).size,
        );
        expect(out.length + rest.length + dropped).toBe(steps.filter((each) => each !== null).length);
        for (const sender of ['a', 'b', 'c']) {
          const own = [...out, ...rest].filter(([who]) => who === sender).map(([, n]) => n);
          expect(own).toEqual(own.toSorted((a, b) => a - b));
        }
        expect(turns.next()).toBeUndefined();
      }),
      { numRuns: 1000 },
    );
  });
});
