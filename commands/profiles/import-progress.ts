import { Presets, SingleBar } from 'cli-progress';

/** How a long import says where it is. */
export interface ImportProgress {
  update(done: number, of: number, codecs: number): void;
  end(): void;
}

/** Often enough to see that something happens, seldom enough for a log file. */
const LINE_EVERY_MS = 5000;

/** A bar on a terminal; elsewhere a line every few seconds. On standard error: standard output is the report's. */
export const showImportProgress = (out: NodeJS.WriteStream): ImportProgress => (out.isTTY ? bar(out) : lines(out));

const bar = (out: NodeJS.WriteStream): ImportProgress => {
  const shown = new SingleBar(
    {
      stream: out,
      format: '  {bar} {percentage}%  {value} of {total} devices  {codecs} codecs  {eta_formatted} left',
      hideCursor: true,
      etaBuffer: 50,
    },
    Presets.shades_classic,
  );
  let started = false;
  return {
    update: (done, of, codecs) => {
      if (!started) shown.start(of, 0, { codecs: 0 });
      started = true;
      shown.update(done, { codecs });
    },
    end: () => shown.stop(),
  };
};

const lines = (out: NodeJS.WriteStream): ImportProgress => {
  let saidMs = performance.now();
  return {
    update: (done, of, codecs) => {
      if (performance.now() - saidMs < LINE_EVERY_MS) return;
      saidMs = performance.now();
      out.write(`kerbside profiles import: ${done} of ${of} devices, ${codecs} codecs\n`);
    },
    end: () => undefined,
  };
};
