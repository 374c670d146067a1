import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { ownCatalogue } from '../../device-profiles/catalogue.ts';
import { inputOf } from '../../device-profiles/check-vectors.ts';
import { openSandbox, type Codec, type Frame } from '../../device-profiles/codec/sandbox.ts';
import { vectorsSchema } from '../../device-profiles/definition/schema.ts';
import { parseYaml } from '../../device-profiles/definition/yaml.ts';
import { machine, type Machine } from './environment.ts';
import { table, whole } from './report.ts';
import { median } from './sums.ts';

/** How one way of decoding fared: medians of the rounds. */
interface Way {
  /** Frames a second by the wall clock, one call after the other. */
  readonly perSecond: number;
  /** Frames for one second of processor time, of all threads together. */
  readonly perCore: number;
  /** Microseconds for one call, whether of one frame or of a hundred. */
  readonly p50Us: number;
  readonly p99Us: number;
}

/** One codec of the catalogue. */
interface CodecRow {
  readonly profile: string;
  /** Frames among its vectors that it decodes; they come in turn. */
  readonly frames: number;
  /** Of those, how many give something else in bare V8. */
  readonly differing: number;
  readonly single: Way;
  readonly batch: Way;
  readonly bare: Way;
  /** Decodes per core in batches, as a share of those in bare V8. */
  readonly ratio: number;
}

/** What `bench -- codec --json` prints. */
export interface CodecFigures {
  readonly environment: Machine;
  readonly batch: number;
  readonly codecs: readonly CodecRow[];
}

interface CodecSettings {
  readonly rounds: number;
  readonly warmMs: number;
  readonly ms: number;
}
export const CODEC_FULL: CodecSettings = { rounds: 5, warmMs: 1000, ms: 1000 };
/** For a look while working. */
export const CODEC_QUICK: CodecSettings = { rounds: 1, warmMs: 500, ms: 500 };

const PROFILES = ['elsys/ers-ems', 'milesight/vs133', 'decentlab/dl-pm'];
const BATCH = 100;

/** How fast codecs are decoded, frame by frame and a hundred at a time, beside the same codecs outside any sandbox. */
export const benchCodec = async (settings: CodecSettings, say: (progress: string) => void): Promise<CodecFigures> => {
  const environment = machine();
  const sandbox = await openSandbox();
  try {
    const codecs: CodecRow[] = [];
    for (const profile of PROFILES) {
      say(profile);
      const source = readFileSync(join(ownCatalogue, profile, 'codec.js'), 'utf8');
      codecs.push({
        profile,
        ...(await compare(sandbox.codec(source), source, { frames: framesOf(profile), settings })),
      });
    }
    return { environment, batch: BATCH, codecs };
  } finally {
    await sandbox.close();
  }
};

/** The frames of a profile's vectors that are decoded. @throws Error when there are none. */
const framesOf = (profile: string): readonly Frame[] => {
  const file = join(ownCatalogue, profile, 'vectors.yaml');
  const parsed = parseYaml(vectorsSchema, readFileSync(file, 'utf8'), file);
  if ('faults' in parsed) throw new Error(`${file} has faults`);
  const frames = parsed.value
    .filter(({ refused }) => refused === undefined)
    .map(inputOf)
    .filter((input) => typeof input !== 'string')
    .map(({ payload, receivedAt, fPort }): Frame => ({
      bytes: payload,
      recvTime: receivedAt,
      ...(fPort === undefined ? {} : { fPort }),
    }));
  if (frames.length === 0) throw new Error(`${profile} has no frame that is decoded`);
  return frames;
};

/** The codec's own function in V8, with nothing around it. Its code is the catalogue's, so ours. */
const bareDecode = (source: string): ((input: object) => { readonly data: unknown }) =>
  // oxlint-disable-next-line typescript/no-implied-eval, typescript/no-unsafe-return, typescript/no-unsafe-call
  new Function(`${source}\nreturn decodeUplink;`)();

const compare = async (
  codec: Codec,
  source: string,
  { frames, settings }: { readonly frames: readonly Frame[]; readonly settings: CodecSettings },
): Promise<Omit<CodecRow, 'profile'>> => {
  const bare = bareDecode(source);
  const bareInput = ({ bytes, fPort, recvTime }: Frame): object => ({
    bytes: [...bytes],
    fPort,
    recvTime: new Date(recvTime),
  });
  const inTurn = Array.from({ length: BATCH }, (_, n) => frames[n % frames.length]).filter(
    (frame) => frame !== undefined,
  );
  const answers = await codec.decodeUplink(frames);
  const differing = frames.filter(
    (frame, index) => !isDeepStrictEqual(answers[index], [bare(bareInput(frame))['data']].flat()),
  ).length;

  let turn = 0;
  const next = (): readonly Frame[] => {
    turn = (turn + 1) % inTurn.length;
    return inTurn.slice(turn, turn + 1);
  };
  const ways = { single: [], batch: [], bare: [] } satisfies Record<string, Way[]> as Record<
    'single' | 'batch' | 'bare',
    Way[]
  >;
  await timed(settings.warmMs, BATCH, () => codec.decodeUplink(inTurn));
  for (let round = 0; round < settings.rounds; round += 1) {
    ways.single.push(await timed(settings.ms, 1, () => codec.decodeUplink(next())));
    ways.batch.push(await timed(settings.ms, BATCH, () => codec.decodeUplink(inTurn)));
    ways.bare.push(
      await timed(settings.ms, BATCH, () => {
        for (const frame of inTurn) bare(bareInput(frame));
      }),
    );
  }
  const [single, batch, inV8] = [middle(ways.single), middle(ways.batch), middle(ways.bare)];
  return { frames: frames.length, differing, single, batch, bare: inV8, ratio: batch.perCore / inV8.perCore };
};

/** Calls one after the other for so long; each is for so many frames. */
const timed = async (ms: number, framesPerCall: number, call: () => unknown): Promise<Way> => {
  const took: number[] = [];
  const used = process.cpuUsage();
  const begun = performance.now();
  let at = begun;
  while (at - begun < ms) {
    await call();
    const now = performance.now();
    took.push(now - at);
    at = now;
  }
  const { user, system } = process.cpuUsage(used);
  const frames = took.length * framesPerCall;
  took.sort((a, b) => a - b);
  const percentile = (share: number): number => (took[Math.floor((took.length - 1) * share)] ?? Number.NaN) * 1000;
  return {
    perSecond: (frames * 1000) / (at - begun),
    perCore: (frames * 1e6) / (user + system),
    p50Us: percentile(0.5),
    p99Us: percentile(0.99),
  };
};

const middle = (rounds: readonly Way[]): Way => ({
  perSecond: median(rounds.map(({ perSecond }) => perSecond)),
  perCore: median(rounds.map(({ perCore }) => perCore)),
  p50Us: median(rounds.map(({ p50Us }) => p50Us)),
  p99Us: median(rounds.map(({ p99Us }) => p99Us)),
});

/** The figures as a person reads them. */
export const codecReport = ({ environment: env, batch, codecs }: CodecFigures): string => {
  const row = (name: string, { perSecond, perCore, p50Us, p99Us }: Way): string[] => [
    name,
    whole(perSecond),
    whole(perCore),
    p50Us.toFixed(1),
    p99Us.toFixed(1),
  ];
  return [
    `${env.cores} cores (${env.processor}), ${env.memoryGb} GB, Linux ${env.kernel}, Node ${env.node}, load average before ${env.loadBefore.toFixed(2)}`,
    '',
    'Frames from the vectors of each profile. Per core: for one second of processor time, that of the server included.',
    'The percentiles are of one call.',
    ...codecs.flatMap(({ profile, frames, differing, single, batch: many, bare, ratio }) => [
      table([
        [profile, 'frames/s', 'per core', 'p50 us', 'p99 us'],
        row('one frame a call', single),
        row(`${batch} frames a call`, many),
        row(`bare V8, ${batch} frames`, bare),
      ]) +
        `${frames} frames, ${differing} of them differing; per core the sandbox does ${(ratio * 100).toFixed(1)} % of bare V8, 1 in ${(1 / ratio).toFixed(1)}.\n`,
    ]),
  ].join('\n');
};
