import { Command, InvalidArgumentError, Option } from 'commander';
import {
  deviceId,
  Invalid,
  iso,
  NotFound,
  parseIso,
  quantityOf,
  systemClock,
  type Instant,
} from '../device-profiles/vocabulary/index.ts';
import { noDryRun, runOver } from '../infra/reprocess/after-calibration.ts';
import type { Job } from '../infra/reprocess/contract.ts';
import type { Calibration, Changes, NewCalibration } from '../infra/registry/contract.ts';
import { fitCommand } from './calibrations/fit.ts';
import { registered } from './devices/look.ts';
import { print } from './print.ts';
import { table } from './table.ts';
import { withRegistry } from './with-registry.ts';

/** `calibrations ...`: how datastreams are corrected. A stretch beside a reference is fitted over the API, which has the observations. */
export const calibrationsCommand = (): Command =>
  new Command('calibrations')
    .description('how the values of devices are corrected, from when, by whom and why')
    .addCommand(listCommand())
    .addCommand(fitCommand())
    .addCommand(addCommand())
    .addCommand(withdrawCommand());

const timeOf = (text: string): Instant => {
  const time = parseIso(text);
  if (time === undefined)
    throw new InvalidArgumentError('a time is ISO 8601, such as 2026-11-01 or 2026-11-01T12:00:00Z.');
  return time;
};
const numberOf = (text: string): number => {
  const number = Number(text);
  if (text.trim() === '' || !Number.isFinite(number)) throw new InvalidArgumentError('give a number.');
  return number;
};
const numbersOf = (text: string): readonly number[] => text.split(',').map(numberOf);

const listCommand = (): Command =>
  new Command('list')
    .description('list the calibrations of a device, withdrawn ones too')
    .argument('<device>')
    .option('--json', 'for scripts')
    .action(async (text: string, { json }: { readonly json?: boolean }) => {
      const calibrations = await withRegistry(async (registry) => registry.calibrations(registered(registry, text).id));
      if (json === true) return print(JSON.stringify({ calibrations: calibrations.map(shown) }));
      if (calibrations.length === 0) return print('Nothing of this device is corrected');
      process.stdout.write(
        table(['QUANTITY', 'VERSION', 'FROM', 'TO', 'CORRECTION', 'BY', 'WHY'], calibrations.map(rowOf)),
      );
    });

interface AddOptions {
  readonly quantity: string;
  readonly from: Instant;
  readonly to?: Instant;
  readonly offset?: number;
  readonly slope?: number;
  readonly coefficients?: readonly number[];
  readonly kappa?: number;
  readonly humidity: 'humidity' | 'internal_humidity';
  readonly author: string;
  readonly reason: string;
  readonly json?: boolean;
  readonly dryRun?: true;
  readonly reprocess: boolean;
}

const addCommand = (): Command =>
  new Command('add')
    .description('correct a datastream of a device from a time on, and run what is kept already again for its period')
    .argument('<device>')
    .requiredOption('--quantity <id>', 'such as no2')
    .requiredOption('--from <time>', 'ISO 8601: phenomenon time from which it holds', timeOf)
    .option('--to <time>', 'ISO 8601, exclusive; until further notice unless given', timeOf)
    .option('--offset <number>', 'added after the slope, in the unit of the quantity; 0 unless given', numberOf)
    .option('--slope <number>', '1 unless given', numberOf)
    .option('--coefficients <list>', 'instead of offset and slope: c0,c1,c2,... of a polynomial', numbersOf)
    .option('--kappa <number>', 'particles only: takes the water out first; 0.3 to 0.4 is in use', numberOf)
    .option(
      '--humidity <quantity>',
      'of which humidity of the same message: humidity or internal_humidity',
      humidityOf,
      'humidity',
    )
    .requiredOption('--author <name>', 'who answers for it')
    .requiredOption('--reason <text>', 'why, for whoever reads it in five years')
    .addOption(refusedDryRun())
    .option('--no-reprocess', 'leave what is kept already as it is')
    .option('--json', 'for scripts')
    .action(async (text: string, options: AddOptions) => {
      if (options.dryRun === true) throw noDryRun({ how: 'add it with --no-reprocess', look: lookAt(text) });
      const { kept, run } = await withRegistry(async (registry, changes) => {
        const calibration = await changes.calibrate(registered(registry, text).id, calibrationIn(options));
        return { kept: calibration, run: await runUnlessLeft(calibration, changes, options) };
      });
      if (options.json === true) return print(JSON.stringify({ ...shown(kept), run: run?.id ?? null }));
      print(
        `Version ${kept.version} of ${kept.quantity} of ${kept.device}: ${spoken(kept)}, ` +
          `from ${iso(kept.from)}${kept.to === undefined ? '' : ` to ${iso(kept.to)}`}`,
      );
      sayRun(run);
    });

/** Known so that it can be refused with what to do instead: passed over, it would change what was only to be looked at. */
const refusedDryRun = (): Option => new Option('--dry-run').hideHelp();
const lookAt = (device: string): string =>
  `"npx kerbside reprocess --device ${device} --from <time> --to <time> --dry-run"`;

const runUnlessLeft = async (
  calibration: Calibration,
  changes: Changes,
  { reprocess }: Pick<AddOptions, 'reprocess'>,
): Promise<Job | undefined> => (reprocess ? runOver(calibration, { changes, now: systemClock.now() }) : undefined);

const sayRun = (run: Job | undefined): void => {
  if (run === undefined) return;
  print(
    `What is kept from ${iso(run.from)} to ${iso(run.to)} will be corrected by run ${run.id}, ` +
      'which a server that runs takes up at once, and any other when it starts; ' +
      `"npx kerbside reprocess show ${run.id}" says how far it is`,
  );
};

const humidityOf = (text: string): AddOptions['humidity'] => {
  if (text === 'humidity' || text === 'internal_humidity') return text;
  throw new InvalidArgumentError('it is humidity or internal_humidity.');
};

const calibrationIn = ({
  quantity,
  from,
  to,
  offset,
  slope,
  coefficients,
  kappa,
  humidity,
  author,
  reason,
}: AddOptions): NewCalibration => {
  if (coefficients !== undefined && (offset !== undefined || slope !== undefined))
    throw new Invalid('options-contradict', '--coefficients says it all: leave out --offset and --slope');
  if (coefficients === undefined && offset === undefined && slope === undefined && kappa === undefined)
    throw new Invalid(
      'calibration-nothing',
      'say how it is corrected: --offset, --slope or both, --coefficients, or --kappa',
    );
  return {
    quantity,
    from,
    ...(to === undefined ? {} : { to }),
    correction: {
      coefficients: coefficients ?? [offset ?? 0, slope ?? 1],
      ...(kappa === undefined ? {} : { humidity: { kappa, by: humidity } }),
    },
    author,
    reason,
  };
};

const withdrawCommand = (): Command =>
  new Command('withdraw')
    .description('take a calibration back: from now on it holds for no time')
    .argument('<device>')
    .argument('<quantity>')
    .argument('<version>')
    .addOption(refusedDryRun())
    .option('--no-reprocess', 'leave what is kept already as it is')
    .option('--json', 'for scripts')
    .action(
      async (
        text: string,
        quantity: string,
        version: string,
        { json, ...options }: Pick<AddOptions, 'json' | 'dryRun' | 'reprocess'>,
      ) => {
        if (options.dryRun === true) throw noDryRun({ how: 'withdraw it with --no-reprocess', look: lookAt(text) });
        const { kept, run } = await withRegistry(async (registry, changes) => {
          const known = registry
            .calibrations(deviceId(text))
            .find((one) => one.quantity === quantity && String(one.version) === version);
          if (known === undefined)
            throw new NotFound(
              'calibration-unknown',
              `${registered(registry, text).id} has no calibration ${version} of ${quantity}`,
            );
          const withdrawn = await changes.withdrawCalibration(known.id);
          return { kept: withdrawn, run: await runUnlessLeft(withdrawn, changes, options) };
        });
        if (json === true) return print(JSON.stringify({ ...shown(kept), run: run?.id ?? null }));
        print(`Version ${kept.version} of ${kept.quantity} of ${kept.device} is withdrawn`);
        sayRun(run);
      },
    );

/** A calibration for scripts, its times as texts. */
const shown = ({ from, to, createdAt, withdrawnAt, fit, ...one }: Calibration) => ({
  ...one,
  unit: quantityOf(one.quantity).unit,
  from: iso(from),
  to: to === undefined ? null : iso(to),
  fit: fit === undefined ? null : { ...fit, from: iso(fit.from), to: iso(fit.to) },
  createdAt: iso(createdAt),
  withdrawnAt: withdrawnAt === undefined ? null : iso(withdrawnAt),
});

const rowOf = (calibration: Calibration): readonly string[] => {
  const { quantity, version, from, to, author, reason, withdrawnAt } = calibration;
  return [
    quantity,
    String(version),
    iso(from),
    to === undefined ? '-' : iso(to),
    spoken(calibration),
    author,
    withdrawnAt === undefined ? reason : `withdrawn ${iso(withdrawnAt)}; ${reason}`,
  ];
};

const powers = ['', ' x', ' x2', ' x3', ' x4', ' x5'];

/** `-2 + 1.1 x ug/m3`, and how the humidity is taken out. */
const spoken = ({ quantity, correction: { coefficients, humidity } }: Calibration): string => {
  const terms = coefficients.map((coefficient, power) => `${coefficient}${powers[power] ?? ''}`).join(' + ');
  return `${terms} ${quantityOf(quantity).unit}${humidity === undefined ? '' : `, dry by ${humidity.by} with kappa ${humidity.kappa}`}`;
};
