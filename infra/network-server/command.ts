import type { Profile } from '../../device-profiles/profile.ts';
import { Invalid } from '../../device-profiles/vocabulary/index.ts';
import type { Device } from '../registry/records.ts';
import type { NewDownlink } from './contract.ts';

/** A command as a person gives it: the bytes themselves, or in the words of the device's profile. */
export interface GivenCommand {
  /** Hexadecimal; blanks, colons and hyphens between bytes do not matter. */
  readonly hex?: string;
  /** What the profile's codec understands: `{ interval: 600 }`. */
  readonly data?: Readonly<Record<string, unknown>>;
  /** Needed with `hex`; with `data` only where the codec names none. */
  readonly fPort?: number;
  readonly confirmed?: boolean;
}

/**
 * The bytes of a command. @throws Invalid (`downlink-invalid`) where it is not given as it should be,
 * (`downlink-refused`) where the profile's codec has no such command; the message is the codec's.
 */
export const downlinkFor = async (
  { variables }: Pick<Device, 'variables'>,
  profile: Profile | undefined,
  { hex, data, fPort, confirmed = false }: GivenCommand,
): Promise<Omit<NewDownlink, 'network'>> => {
  if ((hex === undefined) === (data === undefined))
    throw new Invalid('downlink-invalid', 'give a command either as bytes or in the words of the profile');
  if (hex !== undefined) {
    const digits = hex.replaceAll(/[\s:-]/g, '');
    if (!/^([0-9a-f]{2})+$/i.test(digits))
      throw new Invalid('downlink-invalid', 'the bytes of a command are pairs of hexadecimal digits');
    if (fPort === undefined) throw new Invalid('downlink-invalid', 'say to which port the bytes go');
    return { payload: Uint8Array.from(Buffer.from(digits, 'hex')), fPort, confirmed };
  }
  if (profile?.commands === undefined)
    throw new Invalid(
      'downlink-refused',
      `${profile?.id ?? 'a profile that is not installed'} has no codec that could say a command: give bytes and a port`,
    );
  const encoded = await profile.commands.encode({
    data: data ?? {},
    ...(fPort === undefined ? {} : { fPort }),
    ...(variables === undefined ? {} : { variables }),
  });
  if ('reason' in encoded)
    throw new Invalid('downlink-refused', `${profile.id} has no such command: ${encoded.detail}`);
  const port = encoded.fPort ?? fPort;
  if (port === undefined)
    throw new Invalid(
      'downlink-invalid',
      `the codec of ${profile.id} names no port: say to which one the command goes`,
    );
  return { payload: encoded.bytes, fPort: port, confirmed };
};
