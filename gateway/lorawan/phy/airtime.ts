/** Symbols of a LoRaWAN preamble, to which the modem adds 4.25 (LoRaWAN Regional Parameters RP002, 2.4). */
const PREAMBLE_SYMBOLS = 8;
/** From this symbol time on the modem optimises for low data rates: SF11 and SF12 at 125 kHz, SF12 at 250 kHz. */
const SLOW_SYMBOL_MS = 16;
/** Preamble 5, sync word 3, length 1 and checksum 2 bytes of an FSK frame (RP002, 2.4). */
const FSK_EXTRA_BYTES = 11;

const LORA = /^SF(\d{1,2})BW(\d{2,4})$/;
const FSK = /^FSK(\d{3,6})$/;
const CODING = /^4\/([5-8])$/;

/**
 * Milliseconds that an uplink is on the air: explicit header, checksum on (Semtech AN1200.13, 4; SX1276 data sheet,
 * 4.1.1.7).
 * @param size bytes of the PHYPayload
 * @returns undefined for a modulation that is neither LoRa nor FSK, such as LR-FHSS
 */
export const airtimeOf = (size: number, dataRate: string, codingRate = '4/5'): number | undefined => {
  const [, bitRate] = FSK.exec(dataRate) ?? [];
  if (bitRate !== undefined) return Number(bitRate) === 0 ? undefined : ((size + FSK_EXTRA_BYTES) * 8000) / Number(bitRate);
  const [, factor, bandwidth] = LORA.exec(dataRate) ?? [];
  const [, coding] = CODING.exec(codingRate) ?? [];
  if (factor === undefined || bandwidth === undefined || coding === undefined) return undefined;
  const [sf, kHz] = [Number(factor), Number(bandwidth)];
  if (sf < 6 || sf > 12 || kHz === 0) return undefined;
  const symbolMs = 2 ** sf / kHz;
  const slow = symbolMs >= SLOW_SYMBOL_MS ? 2 : 0;
  // 28 bits of header and 16 of checksum go with the payload.
  const groups = Math.max(0, Math.ceil((8 * size - 4 * sf + 28 + 16) / (4 * (sf - slow))));
  return (PREAMBLE_SYMBOLS + 4.25 + 8 + groups * Number(coding)) * symbolMs;
};
