import { Command } from 'commander';
import { writeFile } from 'node:fs/promises';
import { Compile } from 'typebox/compile';
import { FittedOut } from '../../dashboard/api/calibration-fits.ts';
import { Conflict, Invalid } from '../../device-profiles/vocabulary/index.ts';
import { answerTo, serverAt, textOf } from '../ask.ts';
import { print } from '../print.ts';
import { table } from '../table.ts';

interface Options {
  readonly quantity: string;
  readonly reference: string;
  readonly referenceQuantity?: string;
  readonly from: string;
  readonly to: string;
  readonly plot?: string;
  readonly url?: string;
  readonly json?: true;
}

/** `calibrations fit`: what a stretch beside a reference says, as the server that has the observations works it out. */
export const fitCommand = (): Command =>
  new Command('fit')
    .description(
      'the straight line from a sensor to a reference that stood beside it, and how well it holds; changes nothing',
    )
    .argument('<device>', 'the sensor')
    .requiredOption('--quantity <id>', 'such as no2')
    .requiredOption('--reference <device>', 'the reference')
    .option('--reference-quantity <id>', 'of the reference; the same unless given')
    .requiredOption('--from <time>', 'ISO 8601, inclusive')
    .requiredOption('--to <time>', 'ISO 8601, exclusive')
    .option('--plot <file.svg>', 'also as a picture: sensor against reference, the line, and the line of equality')
    .option('--url <http://host:port>', 'the server; the one of this installation unless given')
    .option('--json', 'for scripts: what the API answers')
    .addHelpText(
      'after',
      '\nThe server is asked, with an API key of an engineer in KERBSIDE_KEY. "calibrations add" puts the line down.',
    )
    .action(run);

const isFitted = Compile(FittedOut);

const run = async (device: string, { url, plot, json, ...asked }: Options): Promise<void> => {
  const { quantity, reference, referenceQuantity, from, to } = asked;
  const question = {
    path: `/api/v1/devices/${encodeURIComponent(device)}/calibrations/fit`,
    body: {
      quantity,
      reference: { device: reference, ...(referenceQuantity === undefined ? {} : { quantity: referenceQuantity }) },
      from,
      to,
    },
  };
  const server = serverAt(url);
  const fitted = await answerTo(server, { ...question, shape: isFitted });
  if (plot !== undefined) await written(plot, await textOf(server, { ...question, accept: 'image/svg+xml' }));
  if (json === true) return print(JSON.stringify(fitted));
  const { fit, unit } = fitted;
  print(
    `${reference} = ${fit.offset} ${fit.slope < 0 ? '-' : '+'} ${Math.abs(fit.slope)} x ${device}, ${quantity} in ${unit}`,
  );
  const rows = (['before', 'after'] as const).map((when) => [
    when,
    ...[fit[when].pairs, fit[when].r2, fit[when].bias, fit[when].rmse].map(short),
  ]);
  process.stdout.write(table(['', 'HOURS', 'R2', 'BIAS', 'RMSE'], rows));
  if (plot !== undefined) print(`The picture is in ${plot}`);
};

/** After a fit the bias is nothing but rounding. */
const short = (value: number): string => String(Math.abs(value) < 1e-9 ? 0 : Number(value.toPrecision(4)));

/** A picture that somebody has already put into a report is not written over. */
const written = async (file: string, svg: string): Promise<void> => {
  try {
    await writeFile(file, svg, { flag: 'wx' });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST')
      throw new Conflict('file-exists', `${file} is there already: name another`);
    throw new Invalid(
      'file-unwritable',
      `${file} cannot be written: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
};
