import { isMessage, type Message } from './mapping.ts';

/** A value of a decoded message that is no object. */
export type Leaf = string | number | boolean | null;

/** A key of decoded messages, with what was seen under it. */
export interface SeenKey {
  /** Inner keys joined by dots, as `profile.yaml` names them. */
  readonly key: string;
  /** Different values, in the order in which they were met: at most `SAMPLES_AT_MOST`. */
  readonly samples: readonly Leaf[];
  /** The unit in the maker's words, where the message tells it beside the value: `{ "unit": "°C", "value": 21 }`. */
  readonly unit?: string;
  /** The maker's name for people, where the message has it beside the value. */
  readonly label?: string;
  /** It stands in a list: what its first element is, its second need not be. */
  readonly inList?: true;
}

const SAMPLES_AT_MOST = 20;
/** Keys that are looked at: a decoder that makes up a key for each frame has no meaning in them. */
const KEYS_AT_MOST = 5000;
/** Levels below which nothing is looked for; decoded messages are flatter, see `DEPTH_AT_MOST`. */
const LEVELS_AT_MOST = 16;

interface Gathered {
  readonly samples: Set<Leaf>;
  unit?: string;
  label?: string;
  readonly inList: boolean;
}

const isLeaf = (value: unknown): value is Leaf =>
  value === null || ['string', 'number', 'boolean'].includes(typeof value);

/** All keys of some decoded messages, with samples. What is no JSON value is left out. */
export const seenIn = (messages: readonly Message[]): readonly SeenKey[] => {
  const gathered = new Map<string, Gathered>();
  for (const message of messages) gather(gathered, message, { path: '', level: 0, inList: false });
  return [...gathered].map(([key, { samples, unit, label, inList }]) => ({
    key,
    samples: [...samples],
    ...(unit === undefined ? {} : { unit }),
    ...(label === undefined ? {} : { label }),
    ...(inList ? { inList } : {}),
  }));
};

interface Whereabouts {
  readonly path: string;
  readonly level: number;
  readonly inList: boolean;
}

const gather = (into: Map<string, Gathered>, object: object, { path, level, inList }: Whereabouts): void => {
  for (const [name, value] of Object.entries(object)) {
    const key = `${path}${name}`;
    const listed = inList || Array.isArray(object);
    if (isLeaf(value)) {
      const known = into.get(key) ?? { samples: new Set<Leaf>(), inList: listed };
      if (known.samples.size < SAMPLES_AT_MOST) known.samples.add(value);
      if (name === 'value' && isMessage(object)) describe(known, object);
      if (into.size < KEYS_AT_MOST) into.set(key, known);
    } else if (typeof value === 'object' && value !== null && level < LEVELS_AT_MOST)
      gather(into, value, { path: `${key}.`, level: level + 1, inList: listed });
  }
};

const describe = (known: Gathered, { unit, displayName }: Message): void => {
  if (typeof unit === 'string') known.unit ??= unit;
  if (typeof displayName === 'string') known.label ??= displayName;
};
