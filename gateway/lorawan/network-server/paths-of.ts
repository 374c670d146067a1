import type { Condition, Definition, EventDefinition, GatewaysDefinition, When } from './definition.ts';

/** A path that a definition says, and where it says it. */
export interface Said {
  readonly at: readonly (string | number)[];
  readonly path: string;
  /** It is there to be missing: no message need have it. */
  readonly absent?: true;
}

type At = Said['at'];

/** Every path of a definition, in the order of the schema. */
export const pathsOf = ({ uplink, events = [], refuses = [], ignores = [] }: Definition): readonly Said[] => [
  ...ofUplink(uplink),
  ...events.flatMap((one, index) => ofEvent(one, ['events', index])),
  ...refuses.flatMap(({ when }, index) => ofWhen(when, ['refuses', index, 'when'])),
  ...ofWhen(ignores, ['ignores']),
];

/** A path by itself, or one that stands in `path` with something beside it. */
const one = (at: At, path: string | { readonly path: string } | undefined): readonly Said[] => {
  if (path === undefined) return [];
  return typeof path === 'string' ? [{ at, path }] : [{ at: [...at, 'path'], path: path.path }];
};

const ofUplink = (uplink: Definition['uplink']): readonly Said[] => {
  const { when = [], confirmed, dataRate, gateways = [] } = uplink;
  const at = (key: string): At => ['uplink', key];
  return [
    ...ofWhen(when, at('when')),
    ...one(at('in'), uplink.in),
    ...one(at('devEui'), uplink.devEui),
    ...one(at('devAddr'), uplink.devAddr),
    ...one(at('session'), uplink.session),
    ...one(at('fCnt'), uplink.fCnt),
    ...one(at('fPort'), uplink.fPort),
    ...one(at('payload'), uplink.payload),
    ...one(at('time'), uplink.time),
    ...one(at('frequency'), uplink.frequency),
    ...one([...at('dataRate'), 'spreadingFactor'], dataRate?.spreadingFactor),
    ...one([...at('dataRate'), 'bandwidth'], dataRate?.bandwidth),
    ...one([...at('dataRate'), 'path'], dataRate?.path),
    ...one(at('codingRate'), uplink.codingRate),
    ...(confirmed === undefined ? [] : ofCondition(confirmed, at('confirmed'))),
    ...gateways.flatMap((each, index) => ofGateways(each, ['uplink', 'gateways', index])),
  ];
};

const ofGateways = (gateways: GatewaysDefinition, at: At): readonly Said[] => [
  ...one([...at, 'list'], gateways.list),
  ...one([...at, 'id'], gateways.id),
  ...one([...at, 'rssi'], gateways.rssi),
  ...one([...at, 'snr'], gateways.snr),
  ...one([...at, 'time'], gateways.time),
  ...one([...at, 'name'], gateways.name),
  ...one([...at, 'latitude'], gateways.latitude),
  ...one([...at, 'longitude'], gateways.longitude),
  ...one([...at, 'altitude'], gateways.altitude),
];

const ofEvent = (event: EventDefinition, at: At): readonly Said[] => [
  ...ofWhen(event.when ?? [], [...at, 'when']),
  ...one([...at, 'in'], event.in),
  ...one([...at, 'devEui'], event.devEui),
  ...one([...at, 'code'], event.code),
  ...one([...at, 'says'], event.says),
  ...Object.entries(event.detail ?? {}).flatMap(([name, path]) => one([...at, 'detail', name], path)),
  ...one([...at, 'downlink'], event.downlink),
];

const ofWhen = (when: When, at: At): readonly Said[] =>
  when.flatMap((condition, index) => ofCondition(condition, [...at, index]));

const ofCondition = (condition: Condition, at: At): readonly Said[] =>
  Object.entries(condition).map(([path, wanted]) => ({
    at: [...at, path],
    path,
    ...(typeof wanted === 'object' && !Array.isArray(wanted) && !wanted.present ? { absent: true as const } : {}),
  }));
