/**
 * Time on the air of one frame, in milliseconds, for LoRa with an explicit header and a preamble of 8 symbols (SX1276
 * datasheet rev. 7, 4.1.1.7), and for FSK as LoRaWAN sends it (RP002-1.0.4: 5 bytes of preamble, 3 of sync word, 1 of
 * length, 2 of checksum). Undefined for a data rate that is neither.
 * @param dataRate as Semtech's forwarders write it: `SF7BW125`, or `FSK50000` in bit/s
 * @param bytes the whole PHYPayload
 * @param options `codingRate`: `4/5` to `4/8`, the first unless it is one of them. `checksum`: whether the payload has
 * one; uplinks do, downlinks do not.
 */
export const airtimeMs = (
  dataRate: string,
  bytes: number,
  { codingRate, checksum = true }: { readonly codingRate?: string | undefined; readonly checksum?: boolean } = {},
): number | undefined => {
  const lora = loraRates.get(dataRate);
  if (lora !== undefined)
    return loraMs({ ...lora, bytes, cr: redundancy.get(codingRate ?? '') ?? 1, crc: checksum ? 1 : 0 });
  const fsk = /^FSK([1-9]\d{3,5})$/.exec(dataRate);
  return fsk === null ? undefined : ((FSK_EXTRA_BYTES + bytes) * 8 * 1000) / Number(fsk[1]);
};

interface LoraRate {
  readonly sf: number;
  readonly bandwidthHz: number;
}
const loraRates: ReadonlyMap<string, LoraRate> = new Map(
  [5, 6, 7, 8, 9, 10, 11, 12].flatMap((sf) =>
    [125, 250, 500].map((kHz) => [`SF${sf}BW${kHz}`, { sf, bandwidthHz: kHz * 1000 }] as const),
  ),
);

const FSK_EXTRA_BYTES = 5 + 3 + 1 + 2;
const PREAMBLE_SYMBOLS = 8;
/** From this length of a symbol on, modems optimise for low data rates, which costs two bits of each symbol. */
const LONG_SYMBOL_MS = 16;
/** CR of the datasheet's formula. */
const redundancy: ReadonlyMap<string, number> = new Map([
  ['4/5', 1],
  ['4/6', 2],
  ['4/7', 3],
  ['4/8', 4],
]);

const loraMs = ({
  sf,
  bandwidthHz,
  bytes,
  cr,
  crc,
}: LoraRate & {
  readonly bytes: number;
  readonly cr: number;
  readonly crc: 0 | 1;
}): number => {
  const symbolMs = (2 ** sf * 1000) / bandwidthHz;
  const optimised = symbolMs > LONG_SYMBOL_MS ? 1 : 0;
  const blocks = Math.ceil((8 * bytes - 4 * sf + 28 + 16 * crc) / (4 * (sf - 2 * optimised)));
  const payloadSymbols = 8 + Math.max(blocks * (cr + 4), 0);
  return (PREAMBLE_SYMBOLS + 4.25 + payloadSymbols) * symbolMs;
};

/** MHDR, DevAddr, FCtrl, FCnt, FPort and MIC around a payload (LoRaWAN 1.0.4, 4), which its network leaves out. */
export const FRAME_EXTRA_BYTES = 1 + 4 + 1 + 2 + 1 + 4;
