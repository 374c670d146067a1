import type { Figures, Row } from './figures.ts';

/** The figures as a person reads them. */
export const report = (figures: Figures): string => {
  const { environment: env, kerbside, mosquitto, ming, mingSteps, costs, verdicts } = figures;
  const stack = (name: string, row: Row): string[] => [
    name,
    whole(row.rate),
    whole(row.offered),
    whole(row.acked),
    whole(row.stored),
    whole(row.lost),
    row.p50Ms.toFixed(1),
    row.p99Ms.toFixed(1),
    whole(row.rssMb),
    row.cpuMsPer1000.toFixed(1),
    row.loadCores.toFixed(2),
  ];
  return [
    `${env.cores} cores (${env.processor}), ${env.memoryGb} GB, Linux ${env.kernel}, fdatasync ${env.fsyncMs.toFixed(2)} ms, load average before ${env.loadBefore.toFixed(2)}`,
    `Node ${env.node}, Mosquitto ${env.mosquitto}, Node-RED ${env.nodeRed}, InfluxDB ${env.influxdb}`,
    '',
    'Messages of five values, QoS 1. Rate: acknowledged and stored, until the last one is. Lost: acknowledged, never stored.',
    'Counts are of all rounds and their warm-up; times and memory are the medians and the peak of the timed ones.',
    table([
      [
        '',
        'messages/s',
        'offered',
        'acked',
        'stored',
        'lost',
        'p50 ms',
        'p99 ms',
        'peak MB',
        'CPU ms/1000',
        'load cores',
      ],
      stack('Kerbside', kerbside),
      stack('Mosquitto alone', mosquitto),
      stack('Mosquitto + Node-RED + InfluxDB', ming),
    ]),
    `Rounds of Kerbside: ${kerbside.rounds.map(whole).join(', ')}; of Mosquitto: ${mosquitto.rounds.map(whole).join(', ')} messages/s.`,
    'Node-RED is offered a rate that rises until something is lost, twice; its own rate above is the last that was not:',
    table([
      ['', 'offered/s', 'acked', 'stored', 'lost'],
      ...mingSteps.map((step) => ['', whole(step.perSecond), whole(step.acked), whole(step.stored), whole(step.lost)]),
    ]),
    'What a message costs Kerbside, each device with a connection of its own:',
    table([
      ['', 'devices', 'messages/s', 'CPU us', 'acked', 'stored', 'lost', 'p50 ms', 'p99 ms', 'peak MB'],
      ...costs.map((cost) => [
        '',
        whole(cost.devices),
        whole(cost.perSecond),
        cost.cpuUsPerMessage.toFixed(1),
        whole(cost.acked),
        whole(cost.stored),
        whole(cost.lost),
        cost.p50Ms.toFixed(1),
        cost.p99Ms.toFixed(1),
        whole(cost.rssMb),
      ]),
    ]),
    table([
      ['', 'figure', 'target', ''],
      ...verdicts.map(({ what, figure, target, met }) => [
        what,
        Number.isInteger(figure) ? whole(figure) : figure.toFixed(2),
        target,
        met ? 'reached' : 'NOT REACHED',
      ]),
    ]),
  ].join('\n');
};

export const whole = (number: number): string => Math.round(number).toLocaleString('en-GB');

/** The first column to the left, the others to the right. */
export const table = (rows: readonly (readonly string[])[]): string => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return `${rows
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')}\n`;
};
