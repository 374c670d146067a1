import { Presets, SingleBar } from 'cli-progress';
import type { BulkProgress } from '../../infra/registry/bulk/contract.ts';

/** How an import says where it is. */
export interface ImportProgress {
  update(progress: BulkProgress): void;
  end(): void;
}

/** How many rows a file has is known when it has been read. */
const formats: Readonly<Record<BulkProgress['stage'], string>> = {
  reading: '  reading     {value} rows',
  checking: '  checking    {bar} {value}/{total} rows',
  registering: '  registering {bar} {value}/{total} devices',
};

/** A bar for each stage on a terminal; nothing elsewhere, because it takes seconds. Always on standard error. */
export const importProgress = (out: NodeJS.WriteStream): ImportProgress => {
  if (!out.isTTY) return { update: () => undefined, end: () => undefined };
  let bar: SingleBar | undefined;
  let stage: BulkProgress['stage'] | undefined;
  const end = (): void => {
    bar?.stop();
    bar = undefined;
  };
  return {
    update: (progress) => {
      if (progress.stage !== stage) {
        end();
        stage = progress.stage;
        bar = new SingleBar({ stream: out, format: formats[stage], hideCursor: true }, Presets.shades_classic);
        bar.start(progress.of, 0);
      }
      bar?.setTotal(progress.of);
      bar?.update(progress.done);
    },
    end,
  };
};
