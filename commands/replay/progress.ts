import { Presets, SingleBar } from 'cli-progress';

/** How a long replay says where it is. */
export interface Progress {
  update(bytes: number, rows: number): void;
  end(): void;
}

/** Often enough to see that something happens, seldom enough for a log file. */
const LINE_EVERY_MS = 5000;

/**
 * A bar on a terminal; elsewhere a line every few seconds. Always on standard error: standard output is the
 * report's.
 */
export const showProgress = (totalBytes: number, out: NodeJS.WriteStream): Progress =>
  out.isTTY ? bar(totalBytes, out) : lines(totalBytes, out);

const rate = (rows: number, beganMs: number): string =>
  Math.round(rows / Math.max(0.001, (performance.now() - beganMs) / 1000)).toLocaleString('en-GB');

const bar = (totalBytes: number, out: NodeJS.WriteStream): Progress => {
  const shown = new SingleBar(
    {
      stream: out,
      format: '  {bar} {percentage}%  {rows} rows  {rate} rows/s  {eta_formatted} left',
      hideCursor: true,
      etaBuffer: 100,
    },
    Presets.shades_classic,
  );
  const beganMs = performance.now();
  shown.start(totalBytes, 0, { rows: '0', rate: '0' });
  return {
    update: (bytes, rows) => shown.update(bytes, { rows: rows.toLocaleString('en-GB'), rate: rate(rows, beganMs) }),
    end: () => shown.stop(),
  };
};

const lines = (totalBytes: number, out: NodeJS.WriteStream): Progress => {
  const beganMs = performance.now();
  let saidMs = beganMs;
  return {
    update: (bytes, rows) => {
      if (performance.now() - saidMs < LINE_EVERY_MS) return;
      saidMs = performance.now();
      out.write(
        `kerbside replay: ${Math.floor((100 * bytes) / totalBytes)} %, ${rows.toLocaleString('en-GB')} rows, ${rate(rows, beganMs)} rows/s\n`,
      );
    },
    end: () => undefined,
  };
};
