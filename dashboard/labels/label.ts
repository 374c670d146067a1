import { formatTr005 } from '../../device-profiles/identity/tr005.ts';
import { shortCodeOf, type ShortCode } from '../../device-profiles/identity/short-code.ts';
import { Invalid, type DevEui } from '../../device-profiles/vocabulary/index.ts';
import { drawQr, type QrDrawing } from './qr.ts';

/** A device as its label needs it: nothing here is secret, and nothing secret belongs here. */
export interface LabelDevice {
  readonly id: string;
  readonly name: string;
  readonly devEui?: DevEui;
  /** 16 hexadecimal digits. */
  readonly joinEui?: string;
  /** VendorID and VendorProfileID, 8 hexadecimal digits: the profile's `lorawanProfileIds`, where there is just one. */
  readonly lorawanProfileId?: string;
  readonly serial?: string;
  /** The id of the site where it is now. */
  readonly site?: string;
  /** Gets a label only when it is asked for by its id. */
  readonly retired?: boolean;
}

/** What stands on one label. */
export interface Label {
  readonly id: string;
  /** In large type: the name, or the id where nobody has given a name. */
  readonly heading: string | undefined;
  /** The id takes more than one line, so that name and site get fewer. */
  readonly long: boolean;
  readonly site: string | undefined;
  /** In capitals, as makers print it. */
  readonly devEui: string | undefined;
  readonly code: ShortCode;
  readonly qr: QrDrawing;
}

/** Characters of an id that fit on one line of the narrowest label. */
const ID_LINE = 22;
/** What the QR alphanumeric mode has, without the colon, which parts the fields of a TR005 code. */
const SERIAL = /^[0-9A-Z$%*+\-./]{1,40}$/;
/** As The Things Stack writes it for a device whose model it does not know. */
const NO_PROFILE = '00000000';

/**
 * What a label's QR code says: a TR005-1.0.0 code for a LoRaWAN device whose JoinEUI is known, so that the apps of
 * network servers read it too; else the address of the device's page. A serial number that a TR005 code cannot carry is
 * left out.
 * @throws Invalid (`base-missing`, `base-invalid`) when the address is needed.
 */
export const qrTextOf = (device: LabelDevice, base: string | undefined): string => {
  const { devEui, joinEui, lorawanProfileId = NO_PROFILE, serial } = device;
  if (devEui === undefined || joinEui === undefined) return `${pagesOf(device, base)}${encodeURIComponent(device.id)}`;
  return formatTr005({
    standard: 'TR005-1.0.0',
    joinEui,
    devEui,
    vendorId: lorawanProfileId.slice(0, 4),
    vendorProfileId: lorawanProfileId.slice(4),
    ...(serial !== undefined && SERIAL.test(serial) ? { serial } : {}),
    unknown: [],
    checked: false,
  });
};

const HOW =
  'give as base the address where people reach this Kerbside, such as "https://sensors.example.gov.uk" (--base, or the setting http.publicUrl)';

const pagesOf = ({ id }: LabelDevice, base: string | undefined): string => {
  if (base === undefined)
    throw new Invalid(
      'base-missing',
      `A label of ${id} cannot carry a LoRaWAN code, since it lacks a JoinEUI or a DevEUI; its QR code is the address of its page instead: ${HOW}`,
    );
  const url = URL.parse(base);
  const plain = url !== null && url.search === '' && url.hash === '' && url.username === '' && url.password === '';
  if (!plain || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    throw new Invalid(
      'base-invalid',
      `The base must be a web address without a user's name, a password or a query: ${HOW}`,
    );
  return `${url.href.replace(/\/+$/, '')}/devices/`;
};

/** What a label takes from elsewhere than its device. */
export interface LabelSetting {
  /** The name of the device's site. */
  readonly site: string | undefined;
  readonly base: string | undefined;
  readonly qrMm: number;
}

/** The label of a device. @throws as `qrTextOf` and `drawQr`. */
export const labelOf = (device: LabelDevice, { site, base, qrMm }: LabelSetting): Label => {
  const { id, name, devEui } = device;
  const long = id.length > ID_LINE;
  return {
    id,
    heading: long && name === id ? undefined : name,
    long,
    site,
    devEui: devEui?.toUpperCase(),
    code: shortCodeOf(id),
    qr: drawQr(qrTextOf(device, base), qrMm),
  };
};
