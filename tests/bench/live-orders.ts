import { Type, type Static } from 'typebox';

/** What a socket is, as pages and programs open them. */
export const kinds = ['site page', 'first page', 'events of a site', 'events of all'] as const;
export type Kind = (typeof kinds)[number];
const KindWord = Type.Union([
  Type.Literal('site page'),
  Type.Literal('first page'),
  Type.Literal('events of a site'),
  Type.Literal('events of all'),
]);

/** Open these sockets; the frozen ones watch the events of everything and then stop reading. Answered by `opened`. */
const Open = Type.Object({
  order: Type.Literal('open'),
  url: Type.String(),
  key: Type.String(),
  sockets: Type.Array(Type.Object({ kind: KindWord, site: Type.String(), frozen: Type.Boolean() })),
});
/** Send messages of these devices in turn, so many a second, and time what the sockets are told. Answered by `measured`. */
const Measure = Type.Object({
  order: Type.Literal('measure'),
  url: Type.String(),
  devices: Type.Array(Type.Object({ id: Type.String(), token: Type.String(), site: Type.String() })),
  perSecond: Type.Number(),
  ms: Type.Integer(),
});
export const LiveOrder = Type.Union([Open, Measure]);
export type OpenOrder = Static<typeof Open>;
export type MeasureOrder = Static<typeof Measure>;

/** Of one kind of socket: times in milliseconds from the receipt at the door, before the commit, to the event here. */
export const Told = Type.Object({
  kind: KindWord,
  sockets: Type.Integer(),
  /** Messages that each of them should have been told of, all together; and those that were not. */
  wanted: Type.Integer(),
  missed: Type.Integer(),
  p50Ms: Type.Number(),
  p99Ms: Type.Number(),
});
export type Told = Static<typeof Told>;

export const LiveReply = Type.Union([
  Type.Object({ reply: Type.Literal('opened') }),
  Type.Object({ reply: Type.Literal('measured'), told: Type.Array(Told), clientCores: Type.Number() }),
  Type.Object({ reply: Type.Literal('failed'), why: Type.String() }),
]);
export type LiveReply = Static<typeof LiveReply>;
