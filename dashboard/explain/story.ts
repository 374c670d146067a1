import { quantityOf } from '../../device-profiles/vocabulary/index.ts';
import { doorWords, unitOfCode } from '../pages/words.ts';
import { short } from './rules.ts';
import type { ExplanationOut } from './shape.ts';
import {
  boundWords,
  flagWords,
  leftOutWords,
  notMadeWords,
  numberWith,
  periodWords,
  sourceWords,
  testNumber,
} from './words.ts';

/** One step of the way of a value, in sentences; some with a table. */
export interface Step {
  readonly title: string;
  readonly lines: readonly string[];
  readonly table?: {
    readonly caption: string;
    readonly heading: readonly string[];
    readonly rows: readonly (readonly string[])[];
  };
}

/** How a time is said. */
export type TimeWords = (iso: string) => string;

/** The way of a stored value as a story: the same at the command line and on the page. */
export const storyOf = (explanation: ExplanationOut, time: TimeWords): readonly Step[] => [
  storedStep(explanation, time),
  messageStep(explanation, time),
  ...(explanation.today === null ? [refusedStep(explanation)] : todaySteps(explanation, explanation.today, time)),
  sameStep(explanation),
  rollUpStep(explanation, time),
];

const storedStep = ({ stored }: ExplanationOut, time: TimeWords): Step => {
  const { device, site, quantity, unit, value, raw, flag, reason } = stored;
  const where = site === null ? 'at no site' : `at ${site}`;
  return {
    title: 'What is stored',
    lines: [
      `${quantityOf(quantity).name} of ${device}, ${where}, ${time(stored.time)}: ${numberWith(value, unit)}.`,
      `Flag ${flagWords[flag] ?? String(flag)}${reason === undefined ? '' : ` (${reason})`}; ` +
        `raw number ${raw === null ? 'none' : String(raw)}; received ${time(stored.receivedAt)}.`,
    ],
  };
};

type MessageOut = ExplanationOut['messages'][number];
const parts: Readonly<Record<MessageOut['part'], string>> = {
  source: 'The value is from this message',
  repeat: 'This message said the same again',
  outdone: 'This message gave another number for the same time',
};
const absent = {
  retention: 'The message is gone: the journal no longer reaches back so far. What follows is made of the raw number.',
  'not-found':
    'No message that came in then says it, so what follows is made of the raw number: a much later message may have added it to that time.',
} as const;

const messageStep = ({ messages, messagesAbsent }: ExplanationOut, time: TimeWords): Step => ({
  title: 'The message',
  lines:
    messagesAbsent === null ? messages.flatMap((message) => messageLines(message, time)) : [absent[messagesAbsent]],
});

/** Characters of a payload in a sentence; the API gives all of it. */
const PAYLOAD_AT_MOST = 400;
const cut = (text: string): string =>
  text.length <= PAYLOAD_AT_MOST
    ? text
    : `${text.slice(0, PAYLOAD_AT_MOST)} ... (${text.length - PAYLOAD_AT_MOST} more)`;

const messageLines = (message: MessageOut, time: TimeWords): readonly string[] => {
  const { part, seq, connector, via, receivedAt, size, hex, text, fPort, fCnt, frequency, dataRate, gateways } =
    message;
  const by = `${doorWords(connector)}${via === null ? '' : ` by way of ${via}`}`;
  const radio = [
    fPort === null ? undefined : `port ${fPort}`,
    fCnt === null ? undefined : `frame ${fCnt}`,
    dataRate ?? undefined,
    frequency === null ? undefined : `${(frequency / 1e6).toFixed(3)} MHz`,
  ].filter((word) => word !== undefined);
  return [
    `${parts[part]}: place ${seq} of the journal, received ${time(receivedAt)} by ${by}, ${some(size, 'byte')}.`,
    ...(radio.length === 0 ? [] : [`LoRaWAN: ${radio.join(', ')}.`]),
    ...gateways.map(
      ({ gateway, rssi, snr }) =>
        `Heard by gateway ${gateway}${rssi === null ? '' : `, ${rssi} dBm`}${snr === null ? '' : `, SNR ${snr} dB`}.`,
    ),
    ...(hex === null ? ['Its payload is shown to whoever has a key.'] : [`Payload as hex: ${cut(hex)}`]),
    ...(text === null ? [] : [`Payload as text: ${cut(text)}`]),
  ];
};

const refusedStep = ({ refused, profile }: ExplanationOut): Step => ({
  title: 'Today',
  lines: [
    profile === null ? 'No profile reads it today.' : `It is read by ${profile.id} (version ${profile.version}).`,
    refused === null
      ? ''
      : `Today's code makes no such value of it, at the step ${refused.step}: ${refused.reason}, ${refused.detail}.`,
  ].filter((line) => line !== ''),
});

type Today = NonNullable<ExplanationOut['today']>;
const clocks = {
  device: "Its time is that of the device's clock",
  sender: "Its time is that of the sender's clock",
  receipt: 'Its time is that of receipt',
} as const;

const todaySteps = ({ profile, stored }: ExplanationOut, today: Today, time: TimeWords): readonly Step[] => [
  decodedStep(profile, today, time),
  conversionStep(today),
  calibrationStep(today, stored.unit, time),
  checksStep(today, time),
  { title: 'Which flag', lines: [`Flag ${flagWords[today.flag] ?? String(today.flag)}: ${today.why}.`] },
];

const decodedStep = (
  profile: ExplanationOut['profile'],
  { field, reading, clock, disbelieved }: Today,
  time: TimeWords,
): Step => {
  const { key, keyGuessed, raw, unit } = field;
  const which =
    reading === null || reading.of === 1 ? '' : ` It is reading ${reading.index + 1} of ${reading.of} in the message.`;
  return {
    title: 'Decoded',
    lines: [
      profile === null
        ? 'By no profile.'
        : `By ${profile.codec ? 'the codec of ' : ''}${profile.id} (${profile.name}), version ${profile.version}.`,
      `${key} = ${raw === null ? 'null' : String(raw)}${unitOfCode(unit) === '' ? '' : ` ${unitOfCode(unit)}`}` +
        `${keyGuessed ? ' (the profile has several words for it: which it was nobody knows any more)' : ''}.${which}`,
      ...(clock === null
        ? []
        : [`${clocks[clock]}${disbelieved === null ? '' : `: ${time(disbelieved)} was told, and cannot be`}.`]),
    ],
  };
};

const conversionStep = ({ conversion: { from, to, rule, before, after, absent: reason } }: Today): Step => ({
  title: 'Unit conversion',
  lines: [
    before === null
      ? 'Nothing was said, so there is nothing to convert.'
      : reason !== null
        ? `${before} ${unitOfCode(from)} means that there is no value: ${reason}.`
        : `From ${unitOfCode(from) || from} to ${unitOfCode(to) || to}: ${rule}. ${numberWith(before, from)} is ${numberWith(after, to)}.`,
  ],
});

const calibrationStep = ({ calibration }: Today, unit: string, time: TimeWords): Step => {
  if (calibration === null) return { title: 'Calibration', lines: ['None holds at that time.'] };
  const { version, author, reason, from, to, formula, before, after, id } = calibration;
  return {
    title: 'Calibration',
    lines: [
      `Version ${version} by ${author}: ${reason}. It holds from ${time(from)}${to === null ? '' : ` to ${time(to)}`} (${id}).`,
      `${formula}. ${numberWith(before, unit)} is ${numberWith(after, unit)}.`,
    ],
  };
};

const checksStep = ({ checks }: Today, time: TimeWords): Step => ({
  title: 'Quality tests',
  lines: [],
  table: {
    caption: 'What each quality test compared, and what it gave',
    heading: ['Test', 'Outcome', 'Found', 'Passes within'],
    rows: checks.map((check) => [check.test, ...checkCells(check, time)]),
  },
});

const checkCells = (check: Today['checks'][number], time: TimeWords): readonly string[] => {
  const { asks, notMade, offBy, flag, found, unit, suspect, fail, beside, recalled } = check;
  if (notMade !== null) return [offBy === null ? notMadeWords[notMade] : `off: ${sourceWords[offBy]}`, '', ''];
  const others = beside.map(
    ({ time: at, value, quantity, site }) =>
      `${short(value)} ${quantity ?? ''}${site === null ? '' : `at ${site}`}`.trim() +
      (quantity === null && site === null ? ` (${time(at)})` : ''),
  );
  const what = found === null ? 'nothing to compare' : testNumber(found, unit);
  // Its lower end is a date, far away from any receipt.
  if (check.test === 'device-time' && suspect !== null)
    return [
      flagWords[flag ?? 2] ?? '',
      `${asks}: ${what}`,
      `not before 2015, and at most ${testNumber(suspect.max ?? 0, unit)}, else suspect (${sourceWords[suspect.source]})`,
    ];
  const bounds = [
    suspect === null ? undefined : `${boundWords(suspect, unit)}, else suspect (${sourceWords[suspect.source]})`,
    fail === null ? undefined : `${boundWords(fail, unit)}, else it fails (${sourceWords[fail.source]})`,
  ];
  return [
    flagWords[flag ?? 2] ?? '',
    `${asks}: ${what}${others.length === 0 ? '' : `; beside ${others.join(', ')}`}` +
      (recalled ? '; asked when the value came, shown as the store has it now' : ''),
    bounds.filter((words) => words !== undefined).join('; '),
  ];
};

const sameStep = ({ differs, reprocess, keptSince }: ExplanationOut): Step => ({
  title: "Today's code",
  lines: [
    differs.length === 0
      ? `It gives exactly what is stored${keptSince === null ? '' : ', its flag aside'}.`
      : `It gives something else than what is stored: ${differs.join(', ')}.`,
    ...(reprocess === null ? [] : [`What would change: ${reprocess}`]),
    ...(keptSince === null
      ? []
      : [
          `What was said before ${keptSince} is not kept any more (timeseries.retentionDays). ` +
            'The flag was given when it was, and cannot be given anew; a run over history leaves this value as it is.',
        ]),
  ],
});

const percent = (share: number): string => `${Math.round(share * 1000) / 10} %`;
const some = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

const isRunning = (period: string): boolean => period === '8h' || period === '24h';
const isLong = (period: ExplanationOut['rollUps']['means'][number]['period']): boolean =>
  period !== '1m' && period !== '15m' && period !== '1h';

const rollUpStep = ({ rollUps, stored }: ExplanationOut, time: TimeWords): Step => {
  const { leftOut, hourNotValid, means, indices, counts } = rollUps;
  const title = 'What it went into';
  if (leftOut !== null) return { title, lines: [leftOutWords[leftOut]] };
  // A running mean of hours to come says nothing yet.
  const toCome = means.filter(({ period, over }) => !over && isRunning(period));
  const rows = [
    ...means
      .filter((mean) => !toCome.includes(mean))
      .map(({ period, time: at, value, count, capture, valid, over }) => [
        `${periodWords[period]} ${time(at)}`,
        numberWith(Number(short(value)), stored.unit),
        `${some(count, isLong(period) ? 'hour' : 'value')}, ${percent(capture)} measured, ${valid ? 'valid' : 'not valid'}${over ? '' : ', not over yet'}`,
      ]),
    ...indices.map(({ time: at, value, capture, index, overall }) => [
      `air quality index, hour ${time(at)}`,
      index === null ? 'none' : `${index} (all pollutants of the device: ${overall ?? 'none'})`,
      `${numberWith(Number(short(value)), stored.unit)}, ${percent(capture)} measured`,
    ]),
    ...counts.map(({ length, name, direction, passages, completeness, unbooked }) => [
      `${length} ${name}, ${direction}`,
      passages === null ? 'not known' : some(passages, 'passage'),
      `${percent(completeness)} counted${unbooked === 0 ? '' : `, ${some(unbooked, 'count')} over its time booked in no ${length}`}`,
    ]),
  ];
  return {
    title,
    lines: [
      ...(hourNotValid ? ['Its hour was not measured enough: nothing longer is made of it, and no index.'] : []),
      ...(toCome.length === 0
        ? []
        : [`It will be in ${some(toCome.length, 'running mean')} whose hour is not over yet.`]),
    ],
    table: { caption: 'Means and counts that the value is in', heading: ['Of', 'Value', 'Made of'], rows },
  };
};
