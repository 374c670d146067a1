import { expect, test, vi } from 'vitest';
import { kerbside } from '../registry/command-line.ts';
import { inFolder } from '../registry/ground.ts';

// Each command is a process that reads the whole program: seconds on a machine that is busy with other tests.
vi.setConfig({ testTimeout: 120_000 });

test('a calibration is put down, listed and taken back at the command line', async () => {
  await inFolder(async (dir) => {
    const run = (...args: readonly string[]) => kerbside(dir, ...args);
    expect((await run('devices', 'add', '--id', 'aq-1', '--profile', 'kerbside/canonical')).code).toBe(0);
    const why = ['--author', 'Air quality team', '--reason', 'Beside the A6 station'];
    const first = await run(
      'calibrations',
      'add',
      'aq-1',
      '--quantity',
      'no2',
      '--from',
      '2026-11-01',
      '--offset',
      '-2',
      '--slope',
      '1.1',
      ...why,
    );
    expect(first).toMatchObject({
      code: 0,
      out: expect.stringMatching(
        /^Version 1 of no2 of aq-1: -2 \+ 1\.1 x ug\/m3, from 2026-11-01T00:00:00\.000Z\nWhat is kept from 2026-11-01T00:00:00\.000Z to [^ ]+ will be corrected by run 1, /,
      ),
    });
    const second = await run(
      'calibrations',
      'add',
      'aq-1',
      '--quantity',
      'pm2_5',
      '--from',
      '2026-11-01',
      '--kappa',
      '0.35',
      ...why,
      '--json',
    );
    expect(JSON.parse(second.out)).toMatchObject({
      version: 1,
      unit: 'ug/m3',
      correction: { coefficients: [0, 1], humidity: { kappa: 0.35, by: 'humidity' } },
      withdrawnAt: null,
    });

    expect(
      (await run('calibrations', 'add', 'aq-1', '--quantity', 'no2', '--from', 'yesterday', ...why)).err,
    ).toContain('ISO 8601');
    expect(
      (
        await run(
          'calibrations',
          'add',
          'aq-1',
          '--quantity',
          'no2',
          '--from',
          '2026-11-01',
          '--slope',
          '2',
          '--coefficients',
          '0,1,2',
          ...why,
        )
      ).err,
    ).toContain('leave out --offset and --slope');
    expect(
      await run('calibrations', 'add', 'aq-1', '--quantity', 'no2', '--from', '2026-11-01', '--slope', '0', ...why),
    ).toMatchObject({ code: 2, err: expect.stringContaining('slope is 0') });
    const nothing = await run('calibrations', 'add', 'aq-1', '--quantity', 'no2', '--from', '2026-11-01', ...why);
    expect(nothing).toMatchObject({ code: 2, err: expect.stringContaining('say how it is corrected') });
    const looks = [
      ['add', 'aq-1', '--quantity', 'no2', '--from', '2026-11-01', '--slope', '2', ...why],
      ['withdraw', 'aq-1', 'no2', '1'],
    ];
    for (const words of looks) {
      const looked = await run('calibrations', ...words, '--dry-run', '--json');
      expect(looked.code).toBe(2);
      expect(JSON.parse(looked.err)).toMatchObject({
        code: 'calibration-dry-run',
        detail: expect.stringContaining('"npx kerbside reprocess --device aq-1 --from'),
      });
    }
    const { calibrations } = JSON.parse((await run('calibrations', 'list', 'aq-1', '--json')).out);
    expect(calibrations).toMatchObject([
      { quantity: 'no2', version: 1, withdrawnAt: null },
      { quantity: 'pm2_5', version: 1, withdrawnAt: null },
    ]);
    expect(calibrations).toHaveLength(2);
    expect(await run('calibrations', 'withdraw', 'aq-1', 'no2', '7')).toMatchObject({
      code: 3,
      err: expect.stringContaining('no calibration 7 of no2'),
    });

    expect((await run('calibrations', 'withdraw', 'aq-1', 'no2', '1')).out).toMatch(
      /^Version 1 of no2 of aq-1 is withdrawn\nWhat is kept from [^\n]+ will be corrected by run \d, /,
    );
    const listed = await run('calibrations', 'list', 'aq-1');
    expect(listed.out).toMatch(/no2 +1 .*withdrawn 20.*Beside the A6 station/);
    expect(listed.out).toContain('0 + 1 x ug/m3, dry by humidity with kappa 0.35');
    expect(JSON.parse((await run('calibrations', 'list', 'aq-1', '--json')).out)).toMatchObject({
      calibrations: [{ quantity: 'no2' }, { quantity: 'pm2_5' }],
    });
  });
});
