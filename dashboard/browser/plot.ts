import uPlot from 'uplot';
import { linesOf } from './plot-lines.ts';
import type { Say } from './words.ts';

/**
 * A closer look at a chart that the server drew: a value under the pointer or the arrow keys, and a stretch drawn larger by
 * dragging over it. Its numbers are those of the table beside it. Without this script the drawing and the table are there.
 */

const HEIGHT = 260;
/** As the drawing has them: the first is the council's. */
const COLOURS = [
  getComputedStyle(document.documentElement).getPropertyValue('--govuk-brand-colour').trim() || '#0d3b45',
  '#b34700',
  '#5b2c83',
  '#00693e',
] as const;
const DASHES = [[], [8, 4], [2, 4], [10, 4, 2, 4]] as const;
const clock = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/London',
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
});

const hour = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/London', hour: '2-digit', minute: '2-digit' });
const day = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/London', day: 'numeric', month: 'short' });
/** As the server names them: `06:00`, of a midnight its day. */
const tickWords = (seconds: number): string => {
  const clockTime = hour.format(seconds * 1000);
  return clockTime === '00:00' ? day.format(seconds * 1000) : clockTime;
};

interface Numbers {
  readonly names: readonly string[];
  /** Seconds, then each series; null is a gap. */
  readonly times: readonly number[];
  readonly columns: readonly (readonly (number | null)[])[];
}

/** A cell as the server writes it: `1,234.5 (suspect)`, `No value`, `Yes`. */
const numberIn = (cell: string, say: Say): number | null => {
  if (cell.startsWith(say('value.absent'))) return null;
  if (cell.startsWith(say('value.yes'))) return 1;
  if (cell.startsWith(say('value.no'))) return 0;
  const number = Number.parseFloat(cell.replaceAll(',', '').replace('\u2212', '-'));
  return Number.isFinite(number) ? number : null;
};

/** The table has the newest first. */
const numbersOf = (table: HTMLTableElement, say: Say): Numbers => {
  const drawn = Number(table.dataset['columns'] ?? '1');
  const rows = [...(table.tBodies[0]?.rows ?? [])].toReversed().flatMap((row) => {
    const time = Date.parse(row.querySelector('time')?.dateTime ?? '');
    return Number.isNaN(time)
      ? []
      : [
          {
            time: time / 1000,
            cells: [...row.querySelectorAll('td')].slice(0, drawn).map((cell) => numberIn(cell.textContent ?? '', say)),
          },
        ];
  });
  const names = [...(table.tHead?.rows[0]?.cells ?? [])].slice(1, 1 + drawn).map((cell) => cell.textContent ?? '');
  return {
    names,
    times: rows.map(({ time }) => time),
    columns: names.map((_, n) => rows.map(({ cells }) => cells[n] ?? null)),
  };
};

const dataOf = ({ times, columns }: Numbers): uPlot.AlignedData => [
  [...times],
  ...columns.map((column) => [...column]),
];

const optionsOf = (
  { names }: Numbers,
  { width, unit, form }: { readonly width: number; readonly unit: string; readonly form: string },
): uPlot.Options => ({
  width,
  height: HEIGHT,
  tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Europe/London'),
  legend: { show: false },
  cursor: { drag: { x: true, y: false } },
  axes: [
    { font: '14px Arial, sans-serif', values: (_plot, seconds) => seconds.map(tickWords) },
    {
      font: '14px Arial, sans-serif',
      size: 64,
      label: unit,
      labelFont: '14px Arial, sans-serif',
      labelSize: unit === '' ? 0 : 20,
    },
  ],
  scales:
    form === 'bars' ? { y: { range: (_plot, least, most) => [Math.min(0, least), Math.max(1, most * 1.05)] } } : {},
  series: [
    {},
    ...names.map((label, n): uPlot.Series => {
      const bars = form === 'bars' ? uPlot.paths.bars?.({ size: [0.8] }) : undefined;
      return {
        label,
        stroke: COLOURS[n] ?? COLOURS[0],
        width: 2,
        dash: [...(DASHES[n] ?? [])],
        ...(bars === undefined ? {} : { paths: bars, fill: `${COLOURS[n] ?? COLOURS[0]}55` }),
        ...(form === 'points' ? { paths: () => null, points: { show: true } } : {}),
      };
    }),
  ],
});

/** What is at a place, in words: `26 Nov, 12:00: 17.2 µg/m³`. */
const wordsAt = (numbers: Numbers, { at, unit }: { readonly at: number; readonly unit: string }, say: Say): string => {
  const time = numbers.times[at];
  if (time === undefined) return say('plot.how');
  const said = numbers.columns.map((column, n) => {
    const value = column[at] ?? null;
    const words =
      value === null ? say('plot.no-value') : `${value.toLocaleString('en-GB')}${unit === '' ? '' : ` ${unit}`}`;
    return numbers.columns.length > 1 ? `${numbers.names[n] ?? ''} ${words}` : words;
  });
  return `${clock.format(time * 1000)}: ${said.join('; ')}`;
};

/** Opens it in a chart, over the numbers of that table. */
export const openPlot = (chart: HTMLElement, table: HTMLTableElement, say: Say): { close(): void } => {
  const unit = table.dataset['unit'] ?? '';
  let numbers = numbersOf(table, say);
  const room = document.createElement('div');
  room.className = 'kb-explore';
  room.dataset['still'] = '';
  const said = document.createElement('p');
  said.className = 'govuk-body-s kb-explore__said';
  room.append(said);
  chart.append(room);
  const plot = new uPlot(
    {
      ...optionsOf(numbers, { width: room.clientWidth, unit, form: chart.dataset['form'] ?? 'line' }),
      plugins: [linesOf(chart)],
    },
    dataOf(numbers),
    room,
  );
  let at = numbers.times.length - 1;
  const { over } = plot;
  over.tabIndex = 0;
  over.setAttribute('role', 'slider');
  over.setAttribute('aria-label', say('plot.by-time', { chart: chart.dataset['chart'] ?? '' }));
  const tell = (place: number): void => {
    const words = wordsAt(numbers, { at: place, unit }, say);
    said.textContent = words;
    over.setAttribute('aria-valuemin', '0');
    over.setAttribute('aria-valuemax', String(Math.max(0, numbers.times.length - 1)));
    over.setAttribute('aria-valuenow', String(Math.max(0, Math.min(place, numbers.times.length - 1))));
    over.setAttribute('aria-valuetext', words);
  };
  tell(-1);
  over.addEventListener('keydown', (event) => {
    const steps: Readonly<Record<string, number>> = {
      ArrowLeft: -1,
      ArrowRight: 1,
      PageDown: -12,
      PageUp: 12,
      Home: -Infinity,
      End: Infinity,
    };
    const step = Object.hasOwn(steps, event.key) ? steps[event.key] : undefined;
    if (event.key === 'Escape') plot.setData(plot.data);
    if (step === undefined) return;
    event.preventDefault();
    at = Math.max(0, Math.min(at + step, numbers.times.length - 1));
    const time = numbers.times[at];
    if (time !== undefined) plot.setCursor({ left: plot.valToPos(time, 'x'), top: HEIGHT / 2 });
    tell(at);
  });
  over.addEventListener('mousemove', () => {
    if (typeof plot.cursor.idx === 'number') tell((at = plot.cursor.idx));
  });
  // The table is redrawn where something new came in.
  const follow = new MutationObserver(() => {
    numbers = numbersOf(table, say);
    plot.setData(dataOf(numbers), false);
  });
  follow.observe(table, { childList: true, subtree: true, characterData: true });
  const fit = new ResizeObserver(() => plot.setSize({ width: room.clientWidth, height: HEIGHT }));
  fit.observe(room);
  return {
    close() {
      follow.disconnect();
      fit.disconnect();
      plot.destroy();
      room.remove();
    },
  };
};
