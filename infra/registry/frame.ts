import { Type } from 'typebox';
import { Parse } from 'typebox/value';
import { instant, type LorawanFrame } from '../../device-profiles/vocabulary/index.ts';

/** The radio's data of an uplink, as JSON keeps it. */
const schema = Type.Object({
  fPort: Type.Number(),
  fCnt: Type.Number(),
  session: Type.String(),
  receptions: Type.Array(
    Type.Object({
      gateway: Type.String(),
      rssi: Type.Optional(Type.Number()),
      snr: Type.Optional(Type.Number()),
      time: Type.Optional(Type.Number()),
    }),
  ),
  frequency: Type.Optional(Type.Number()),
  dataRate: Type.Optional(Type.String()),
  codingRate: Type.Optional(Type.String()),
  confirmed: Type.Optional(Type.Boolean()),
});

/** Reads it back. @throws when the text is not what JSON.stringify made of a frame. */
export const frameOf = (json: string): LorawanFrame => {
  const { receptions, ...frame } = Parse(schema, JSON.parse(json));
  return {
    ...frame,
    receptions: receptions.map(({ time, ...heard }) => ({
      ...heard,
      ...(time === undefined ? {} : { time: instant(time) }),
    })),
  };
};
