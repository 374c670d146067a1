import { instant, type Instant } from '../../device-profiles/vocabulary/index.ts';

/** What the clocks say of one copy of a frame. */
export interface Clocks {
  /** The gateway's, when it heard the frame (`gwTime`). */
  readonly gateway: Instant | undefined;
  /** The network server's, when the copy reached it (`nsTime`). */
  readonly server: Instant | undefined;
}

/** ChirpStack's own bound for a gateway's clock (`network.gateway.rx_timestamp_max_drift`), either way. */
const DRIFT_MS = 30_000;
/** A gateway without a connection keeps frames for hours or days. A clock further back was never set. */
const BACKLOG_AT_MOST_MS = 7 * 86_400_000;

/**
 * When a frame was sent, and which gateways' clocks are believed.
 *
 * ChirpStack gives a frame the time of a gateway's clock only where it is within 30 s of its own; a frame that a
 * gateway kept through an outage gets the time at which it arrived. The gateway's clock has the true one, if it is
 * right. It is believed
 *
 * - when it is within 30 s of the server's;
 * - when it is up to seven days behind, as a backlog is, but only if no gateway says that the frame is fresh (all
 *   copies reach ChirpStack within its 200 ms of waiting, and nobody's backlog meets a fresh frame there) and those
 *   that are behind agree within 30 s.
 *
 * It is not believed when it is ahead of the server by more, or years behind (1970, a GPS week lost): a frame is not
 * received before it is sent. The frame's time is the earliest of the believed, or the server's.
 * @param time what ChirpStack says itself; it may be a GPS receiver's, so it is held against `nsTime` in the same way.
 * @param at when the message came to us: what clocks are held against if the server says no time.
 */
export const heardAt = (
  clocks: readonly Clocks[],
  { time, at }: { readonly time: Instant | undefined; readonly at: Instant },
): { readonly sentAt: Instant | undefined; readonly believed: readonly (Instant | undefined)[] } => {
  const arrived = earliest(clocks.map(({ server }) => server));
  const own =
    time === undefined || arrived === undefined || isLive(arrived - time) || isBacklog(arrived - time)
      ? time
      : undefined;
  // Most gateways have no clock that anybody set.
  if (clocks.every(({ gateway }) => gateway === undefined))
    return { sentAt: own ?? arrived, believed: clocks.map(() => undefined) };
  const lags = clocks.map(({ gateway, server }) =>
    gateway === undefined ? undefined : (server ?? own ?? at) - gateway,
  );
  const anyLive = lags.some((lag) => lag !== undefined && isLive(lag));
  const behind = lags.flatMap((lag) => (lag !== undefined && isBacklog(lag) ? [lag] : []));
  const agreed = Math.max(...behind) - Math.min(...behind) <= DRIFT_MS;
  const believed = clocks.map(({ gateway }, index) => {
    const lag = lags[index];
    if (lag === undefined) return undefined;
    return isLive(lag) || (isBacklog(lag) && !anyLive && agreed) ? gateway : undefined;
  });
  return { sentAt: earliest([own ?? arrived, ...believed]), believed };
};

const isLive = (lag: number): boolean => Math.abs(lag) <= DRIFT_MS;
const isBacklog = (lag: number): boolean => lag > DRIFT_MS && lag <= BACKLOG_AT_MOST_MS;
const earliest = (times: readonly (Instant | undefined)[]): Instant | undefined => {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : instant(Math.min(...known));
};
