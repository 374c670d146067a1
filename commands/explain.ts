import { Command } from 'commander';
import { Compile } from 'typebox/compile';
import { ExplanationOut } from '../dashboard/explain/shape.ts';
import { Invalid, KerbsideError, Unavailable } from '../device-profiles/vocabulary/index.ts';
import { readConfig } from '../infra/config/index.ts';
import { explanationText } from './explain/text.ts';
import { problemOf } from './preview/remote.ts';

interface Options {
  readonly url?: string;
  readonly json?: true;
}

/** `explain`: how one stored value came about, as the server of this installation, or one elsewhere, says it. */
export const explainCommand = (): Command =>
  new Command('explain')
    .description('how one stored value came about: message, codec, conversion, calibration, quality tests, what it went into')
    .argument('<device>', 'id of the device')
    .argument('<quantity>', 'such as no2')
    .argument('<time>', 'its phenomenon time, to the millisecond: 2026-11-23T15:24:19.000Z')
    .option('--url <http://host:port>', 'the server; the one of this installation unless given')
    .option('--json', 'for scripts: what the API answers')
    .addHelpText('after', '\nThe server is asked, with the API key in KERBSIDE_KEY.')
    .action(run);

const isExplanation = Compile(ExplanationOut);

const run = async (device: string, quantity: string, time: string, { url, json }: Options): Promise<void> => {
  const key = process.env['KERBSIDE_KEY'];
  if (key === undefined || key === '')
    throw new Invalid('key-missing', 'put an API key into KERBSIDE_KEY; "npx kerbside keys create" makes one on the server');
  const server = (url ?? `http://127.0.0.1:${readConfig().http.port}`).replace(/\/+$/, '');
  const query = new URLSearchParams({ device, quantity, time });
  const answer = await fetch(`${server}/api/v1/observations/explain?${query.toString()}`, { headers: { authorization: `Bearer ${key}` } }).catch(() => undefined);
  if (answer === undefined) throw new Unavailable('server-unreachable', `nothing answers at ${server}`);
  if (!answer.ok) throw await problemOf(answer);
  const explanation: unknown = await answer.json();
  if (!isExplanation.Check(explanation)) throw new KerbsideError('server-strange', `${server} answered as no Kerbside of this version does`);
  process.stdout.write(json === true ? `${JSON.stringify(explanation)}\n` : explanationText(explanation));
};
