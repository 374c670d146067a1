import type { ServerResponse } from 'node:http';

/** Aborts once nobody waits for this answer any more: it was sent, or its client has left. */
export const leaving = (response: ServerResponse): AbortSignal => {
  const controller = new AbortController();
  response.once('close', () => controller.abort());
  if (response.destroyed) controller.abort();
  return controller.signal;
};
