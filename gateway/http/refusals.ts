import type { FastifyInstance } from 'fastify';
import type { Connector } from '../../device-profiles/vocabulary/index.ts';
import { problemOf } from '../../infra/http/problem.ts';
import { repeated } from '../../infra/logging/index.ts';
import type { DoorParts } from '../mqtt/door.ts';

const QUIET_MS = 60_000;

/**
 * Whatever turns a request away, here or in the server around it, is counted by the code that its sender is told, and
 * said once a minute; but what was counted where it was found is not counted again.
 */
export const countRefusals = (
  app: Pick<FastifyInstance, 'addHook'>,
  connector: Connector,
  {
    metrics,
    log,
    clock,
    counted = () => false,
  }: Pick<DoorParts, 'metrics' | 'log' | 'clock'> & { readonly counted?: (error: Error) => boolean },
): void => {
  const said = repeated(log, QUIET_MS, () => clock.now());
  app.addHook('onError', async (request, _reply, error) => {
    if (counted(error)) return;
    const reason = problemOf(error, request.url).code;
    metrics.refused.inc({ connector, reason });
    said(reason, { connector, address: request.ip }, 'a request was refused');
  });
};
