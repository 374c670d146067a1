import pino, { type Logger } from 'pino';

export type Log = Logger;

/**
 * The log of changes of state (traffic is counted in metrics). JSON lines to standard error; readable text when that is a terminal.
 * Never pass payloads or secrets: as a second fence these keys are cut out wherever a nested object brings them along.
 */
export const openLog = (level: pino.LevelWithSilent): Log =>
  pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: [
          'token',
          'password',
          'secret',
          'key',
          'payload',
          '*.token',
          '*.password',
          '*.secret',
          '*.payload',
          'req.headers.authorization',
        ],
        remove: true,
      },
    },
    process.stderr.isTTY
      ? pino.transport({
          target: 'pino-pretty',
          options: { destination: 2, translateTime: 'SYS:HH:MM:ss', ignore: 'pid,hostname' },
        })
      : pino.destination({ dest: 2, sync: true }),
  );

/**
 * Says a repeated trouble once, then only counts: the first time at `warn`, and again after `quietMs` with how often it happened meanwhile.
 * Keys are a closed set of reasons, not user input, so that the map stays small.
 */
export const repeated = (log: Log, quietMs: number, now: () => number) => {
  const seen = new Map<string, { at: number; since: number }>();
  return (reason: string, fields: Record<string, unknown>, message: string): void => {
    const last = seen.get(reason);
    if (last !== undefined && now() - last.at < quietMs) {
      last.since += 1;
      return;
    }
    log.warn({ reason, ...fields, ...(last === undefined ? {} : { again: last.since }) }, message);
    seen.set(reason, { at: now(), since: 0 });
  };
};
