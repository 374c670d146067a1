import { describe, expect, it } from 'vitest';
import { houseOf } from './house.ts';
import { codecYaml, lorawanDevicesTree, oddCodecs, strictCodec } from './invented.ts';

describe('examples', () => {
  /** The outcome of one uplink example with a codec of some kind. */
  const outcome = async (codec: string, output: string, bytes: readonly number[] = [0, 0, 0, 0]) => {
    const house = houseOf(lorawanDevicesTree, {
      'vendor/acme/walkby-codec.yaml': codecYaml('walkby.js', [[bytes, output]]),
      'vendor/acme/walkby.js': codec,
    });
    const { codecs } = await house.import();
    return codecs[0]?.examples[0]?.outcome ?? 'passed';
  };
  const failed = (path: string, expected: unknown, got: unknown) => ({
    kind: 'failed',
    differences: [{ path, expected, got }],
  });

  it.each([
    ['of an older network', oddCodecs.legacy, '{ data: { temperature: 0, port: 2 } }'],
    ['with globals that nobody declared', oddCodecs.sloppy, '{ data: { total_in: 0 } }'],
    ['in another order of keys', strictCodec, '{ data: { battery_mv: 0, temperature: 0 } }'],
  ])('pass for a codec %s', async (_, codec, output) => {
    expect(await outcome(codec, output)).toBe('passed');
  });

  it('that expect another number say where, and both numbers', async () => {
    expect(await outcome(strictCodec, '{ data: { temperature: 1, battery_mv: 0 } }')).toEqual(
      failed('data.temperature', '1', '0'),
    );
  });
  it('that expect a key more or less say so', async () => {
    expect(await outcome(strictCodec, '{ data: { temperature: 0 } }')).toEqual(
      failed('data.battery_mv', 'nothing', '0'),
    );
    expect(await outcome(strictCodec, '{ data: { temperature: 0, battery_mv: 0, x: null } }')).toEqual(
      failed('data.x', 'null', 'nothing'),
    );
  });
  it('that expect NaN say that it is no number of JSON', async () => {
    expect(await outcome(strictCodec, '{ data: { temperature: .nan, battery_mv: 0 } }')).toEqual(
      failed('data.temperature', 'NaN (no number of JSON)', '0'),
    );
  });
  it('whose codec gives NaN, throws, hangs or is no script say so', async () => {
    expect(await outcome(oddCodecs.notNumber, '{ data: { humidity: null } }')).toEqual(
      failed('data', expect.any(String), expect.stringMatching(/^codec-output: .*humidity.*NaN/)),
    );
    expect(await outcome(oddCodecs.throwing, '{ data: {} }')).toEqual(
      failed('data', '{}', expect.stringMatching(/^codec-error: .*no such mode/)),
    );
    expect(await outcome(oddCodecs.hanging, '{ data: {} }')).toEqual(
      failed('data', '{}', expect.stringMatching(/^codec-timeout: /)),
    );
    expect(await outcome(oddCodecs.broken, '{ data: {} }')).toEqual(
      failed('data', '{}', expect.stringMatching(/^codec-error: SyntaxError/)),
    );
  });
  it('that expect an error want that error', async () => {
    expect(await outcome(strictCodec, '{ errors: [wrong length 1] }', [1])).toBe('passed');
    expect(await outcome(strictCodec, '{ errors: [too short] }', [1])).toEqual(
      failed('errors.0', '"too short"', 'codec-error: wrong length 1'),
    );
    expect(await outcome(strictCodec, '{ errors: [too short] }')).toEqual(
      failed('errors.0', '"too short"', 'no error, but data'),
    );
  });
  it('that cannot be run say why', async () => {
    expect(await outcome(oddCodecs.empty, '{ data: {} }')).toEqual({
      kind: 'not-runnable',
      why: expect.stringContaining('there is no function decodeUplink'),
    });
    expect(await outcome(strictCodec, '{ data: {} }', [300])).toEqual({
      kind: 'not-runnable',
      why: 'its bytes are not all from 0 to 255',
    });
    expect(
      await outcome(
        strictCodec,
        '{ data: {} }',
        Array.from({ length: 256 }, () => 1),
      ),
    ).toEqual({ kind: 'not-runnable', why: expect.stringContaining('at most 255') });
    expect(await outcome(strictCodec, 'nothing')).toEqual({
      kind: 'not-runnable',
      why: 'it says neither data nor errors that should come out',
    });
  });
});
