import { Command } from 'commander';
import { previewOut } from '../../dashboard/preview/shape.ts';
import { Invalid, systemClock } from '../../device-profiles/vocabulary/index.ts';
import { EXIT_OTHERWISE, onBench, payloadsOf, profileOf, sideOf, type PayloadOptions } from '../preview/bench.ts';
import { withPayloadOptions } from '../preview/options.ts';
import { previewText } from '../preview/text.ts';

/** `profiles try ID --hex ...`: what a profile makes of a payload, without a server, a device or a trace. */
export const profileTryCommand = (): Command =>
  withPayloadOptions(new Command('try').description('show what a profile makes of a payload; nothing is stored'))
    .argument('<profile>', 'an installed profile, the folder of one, or a codec.js')
    .option('--json', 'one JSON object a line')
    .addHelpText('after', `\nExit code 0: understood; ${EXIT_OTHERWISE}: refused, and the output says where and why.`)
    .action(run);

const run = async (named: string, { json, ...given }: PayloadOptions & { readonly json?: true }): Promise<void> => {
  const uplinks = await payloadsOf(given);
  if (uplinks.length === 0)
    throw new Invalid('payload-invalid', 'give a payload: --hex, --text, --json-message or --file');
  await onBench(async (bench) => {
    const profile = profileOf(await sideOf(named, bench), undefined, bench.sandbox);
    const explained = await bench.explain(uplinks, { profile, device: null });
    for (const one of explained) {
      const out = previewOut(one, systemClock.now(), true);
      process.stdout.write(json === true ? `${JSON.stringify(out)}\n` : previewText(out));
    }
    if (explained.some(({ refused }) => refused !== undefined)) process.exitCode = EXIT_OTHERWISE;
  });
};
