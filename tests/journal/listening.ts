import pino from 'pino';
import type { Log } from '../../infra/logging/index.ts';

export interface Line {
  readonly msg: string;
  readonly level: number;
  readonly reason?: string;
}

/** A log that can be read back, line by line. */
export const listening = (): { readonly log: Log; readonly lines: () => readonly Line[] } => {
  const lines: Line[] = [];
  const write = (text: string): void => {
    const line: unknown = JSON.parse(text);
    if (isLine(line)) lines.push(line);
  };
  return { log: pino({ level: 'info' }, { write }), lines: () => lines };
};

const isLine = (json: unknown): json is Line =>
  typeof json === 'object' && json !== null && 'msg' in json && typeof json.msg === 'string';
