/** A data frame on its way up (LoRaWAN 1.0.4, 4). What it says is believed only once its MIC fits. */
export interface DataUp {
  readonly kind: 'data-up';
  readonly confirmed: boolean;
  /** Eight hexadecimal digits in lower case, most significant byte first; on the air it is the other way round. */
  readonly devAddr: string;
  /** The low 16 bits of the frame counter. */
  readonly fCnt16: number;
  /** Undefined where nothing follows the header (4.3.2). */
  readonly fPort: number | undefined;
  /** Encrypted. */
  readonly frmPayload: Uint8Array;
  /** All that the MIC covers: MHDR | FHDR | FPort | FRMPayload (4.4). */
  readonly signed: Uint8Array;
  /** Its four bytes as they stand in the frame, first byte lowest. */
  readonly mic: number;
}

/** Frames of LoRaWAN that carry no data from a device, by MType (4.2). */
export const otherFrames = ['join-request', 'join-accept', 'data-down', 'rejoin-request', 'proprietary'] as const;
export interface OtherFrame {
  readonly kind: 'other';
  readonly type: (typeof otherFrames)[number];
}

/** Bytes that are no frame of LoRaWAN. `detail` says why and never holds the bytes. */
export interface NotLorawan {
  readonly kind: 'not-lorawan';
  readonly detail: string;
}

/** The header of a data frame: DevAddr, FCtrl, FCnt without FOpts (4.3.1). */
const FHDR_BYTES = 7;
const MIC_BYTES = 4;
/** MHDR, JoinEUI, DevEUI, DevNonce, MIC (6.2.5). */
const JOIN_REQUEST_BYTES = 23;
/** What a LoRa modem can send. */
const FRAME_BYTES_AT_MOST = 255;

/** Takes a PHYPayload apart (LoRaWAN 1.0.4, 4.1). Never throws. */
export const parseFrame = (bytes: Uint8Array): DataUp | OtherFrame | NotLorawan => {
  const [mhdr] = bytes;
  if (mhdr === undefined) return notLorawan('no bytes');
  if (bytes.length > FRAME_BYTES_AT_MOST) return notLorawan(`${bytes.length} bytes, more than a frame has`);
  // 4.2: MType in the highest three bits, Major in the lowest two, of which 0 is LoRaWAN R1. Of a proprietary frame
  // nothing is said but its type.
  const mType = mhdr >> 5;
  if (mType === 7) return { kind: 'other', type: 'proprietary' };
  if ((mhdr & 0b11) !== 0) return notLorawan(`major version ${mhdr & 0b11}`);
  switch (mType) {
    case 0:
      return bytes.length === JOIN_REQUEST_BYTES
        ? { kind: 'other', type: 'join-request' }
        : notLorawan(`a join request of ${bytes.length} bytes`);
    case 1:
      return { kind: 'other', type: 'join-accept' };
    case 3:
    case 5:
      return { kind: 'other', type: 'data-down' };
    case 6:
      // Reserved in 1.0.4; LoRaWAN 1.1, 6.2.4.
      return { kind: 'other', type: 'rejoin-request' };
    default:
      return dataUp(bytes, mType === 4);
  }
};

const dataUp = (bytes: Uint8Array, confirmed: boolean): DataUp | NotLorawan => {
  const end = bytes.length - MIC_BYTES;
  if (end < 1 + FHDR_BYTES) return notLorawan(`a data frame of ${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  // 4.3.1: the lowest four bits of FCtrl say how many bytes of MAC commands follow FCnt.
  const body = 1 + FHDR_BYTES + (view.getUint8(5) & 0b1111);
  if (body > end) return notLorawan('its MAC commands are longer than the frame');
  return {
    kind: 'data-up',
    confirmed,
    devAddr: view.getUint32(1, true).toString(16).padStart(8, '0'),
    fCnt16: view.getUint16(6, true),
    fPort: body < end ? view.getUint8(body) : undefined,
    frmPayload: bytes.subarray(Math.min(body + 1, end), end),
    signed: bytes.subarray(0, end),
    mic: view.getUint32(end, true),
  };
};

const notLorawan = (detail: string): NotLorawan => ({ kind: 'not-lorawan', detail });
