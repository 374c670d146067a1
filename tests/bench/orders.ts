import { Type, type Static } from 'typebox';

/** What the processes of a benchmark say to each other, as JSON over Node's own channel. */

/** Connect these devices; message 0 of each has the time `startMs`. At most `window` messages of one wait for their acknowledgement. */
const Connect = Type.Object({
  order: Type.Literal('connect'),
  port: Type.Integer(),
  devices: Type.Array(Type.Object({ id: Type.String(), token: Type.Optional(Type.String()) })),
  startMs: Type.Integer(),
  window: Type.Integer(),
});
/** Send for so long: at `perSecond` messages in all, or, without it, as fast as acknowledgements come. Answered by a Result when all that was sent is acknowledged. */
const Run = Type.Object({ order: Type.Literal('run'), ms: Type.Integer(), perSecond: Type.Optional(Type.Number()) });
export const LoadOrder = Type.Union([Connect, Run]);
export type Connect = Static<typeof Connect>;
export type Run = Static<typeof Run>;

export const Result = Type.Object({
  /** What was meant to be sent: `perSecond` times the time, or all that was sent. */
  offered: Type.Integer(),
  sent: Type.Integer(),
  acked: Type.Integer(),
  /** Milliseconds from the first message to the last acknowledgement. */
  elapsedMs: Type.Number(),
  p50Ms: Type.Number(),
  p99Ms: Type.Number(),
  /** Processor seconds per second of this process: near 1, the load itself was the bottleneck. */
  loadCores: Type.Number(),
  /** Of each device, in the order of Connect and since it connected: how many were acknowledged. */
  ackedOfDevice: Type.Array(Type.Integer()),
});
export type Result = Static<typeof Result>;
export const LoadReply = Type.Union([
  Type.Object({ reply: Type.Literal('connected') }),
  Type.Object({ reply: Type.Literal('result'), result: Result }),
  Type.Object({ reply: Type.Literal('failed'), why: Type.String() }),
]);
export type LoadReply = Static<typeof LoadReply>;

/** Subscribe to everything and count. Answered by `subscribed`; from then on `count` comes every `COUNT_EVERY_MS`. */
export const SinkOrder = Type.Object({
  order: Type.Literal('subscribe'),
  port: Type.Integer(),
  qos: Type.Union([Type.Literal(0), Type.Literal(1)]),
});
export type SinkOrder = Static<typeof SinkOrder>;
export const SinkReply = Type.Union([
  Type.Object({ reply: Type.Literal('subscribed') }),
  Type.Object({ reply: Type.Literal('count'), received: Type.Integer() }),
  Type.Object({ reply: Type.Literal('failed'), why: Type.String() }),
]);
export type SinkReply = Static<typeof SinkReply>;
export const COUNT_EVERY_MS = 20;
