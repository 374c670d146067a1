import type { EventStream } from '../../dashboard/preview/event-stream.ts';
import type { PreviewOut } from '../../dashboard/preview/shape.ts';
import { previewText } from './text.ts';

/** Where a watch is told: standard output, until Ctrl-C, SIGTERM, or nobody reads it any more. */
export interface Terminal extends Omit<EventStream, 'send'> {
  show(preview: PreviewOut): void;
  readonly signal: AbortSignal;
}

export const openTerminal = (json: boolean): Terminal => {
  const stop = new AbortController();
  const end = (): void => stop.abort();
  process.once('SIGINT', end).once('SIGTERM', end);
  // `kerbside devices watch aq-1 | head` closes the pipe: that is an end like any other.
  process.stdout.on('error', end);
  return {
    signal: stop.signal,
    open: () => !stop.signal.aborted,
    full: () => process.stdout.writableNeedDrain,
    show: (preview) => void process.stdout.write(json ? `${JSON.stringify(preview)}\n` : `${previewText(preview)}\n`),
    pause: (ms) =>
      new Promise((resolve) => {
        const over = (): void => {
          clearTimeout(timer);
          stop.signal.removeEventListener('abort', over);
          resolve();
        };
        const timer = setTimeout(over, ms);
        stop.signal.addEventListener('abort', over);
      }),
    end,
  };
};
