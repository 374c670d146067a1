import { Command } from 'commander';
import { Compile } from 'typebox/compile';
import { ExplanationOut } from '../dashboard/explain/shape.ts';
import { answerTo, serverAt } from './ask.ts';
import { explanationText } from './explain/text.ts';

interface Options {
  readonly url?: string;
  readonly json?: true;
}

/** `explain`: how one stored value came about, as the server of this installation, or one elsewhere, says it. */
export const explainCommand = (): Command =>
  new Command('explain')
    .description(
      'how one stored value came about: message, codec, conversion, calibration, quality tests, what it went into',
    )
    .argument('<device>', 'id of the device')
    .argument('<quantity>', 'such as no2')
    .argument('<time>', 'its phenomenon time, to the millisecond: 2026-11-23T15:24:19.000Z')
    .option('--url <http://host:port>', 'the server; the one of this installation unless given')
    .option('--json', 'for scripts: what the API answers')
    .addHelpText('after', '\nThe server is asked, with the API key in KERBSIDE_KEY.')
    .action(run);

const isExplanation = Compile(ExplanationOut);

const run = async (device: string, quantity: string, time: string, { url, json }: Options): Promise<void> => {
  const asked = { device, quantity, time };
  const explanation = await answerTo(serverAt(url), {
    path: '/api/v1/observations/explain',
    asked,
    shape: isExplanation,
  });
  process.stdout.write(json === true ? `${JSON.stringify(explanation)}\n` : explanationText(explanation));
};
