import { Invalid, borough, siteId, type Clock } from '../../device-profiles/vocabulary/index.ts';
import { checkedName } from './checks.ts';
import type { NewSite, Site } from './contract.ts';

/** In which sites lie, degrees of WGS 84: a position outside it has its numbers swapped or a sign lost. */
export interface Area {
  readonly south: number;
  readonly west: number;
  readonly north: number;
  readonly east: number;
}

/** @throws InvalidId, Invalid (`name-invalid`, `usrn-invalid`, `postcode-invalid`, `position-invalid`, `position-outside`). */
export const checkedSite = (input: NewSite, clock: Clock, area?: Area): Site => {
  const id = siteId(input.id);
  if (input.usrn !== undefined && !/^\d{8}$/.test(input.usrn)) {
    throw new Invalid(
      'usrn-invalid',
      `${JSON.stringify(input.usrn.slice(0, 80))} is not a USRN: it must be 8 digits, with the zeros in front`,
    );
  }
  return {
    id,
    name: checkedName('the name of a site', input.name ?? id),
    ...(input.street === undefined ? {} : { street: checkedName('a street', input.street) }),
    ...(input.usrn === undefined ? {} : { usrn: input.usrn }),
    ...(input.postcode === undefined ? {} : { postcode: checkedPostcode(input.postcode) }),
    ...(input.asset === undefined ? {} : { asset: checkedName('an asset', input.asset) }),
    ...checkedPosition(input, area),
    ...(input.borough === undefined ? {} : { borough: borough(input.borough) }),
    ...(input.ward === undefined ? {} : { ward: checkedName('a ward', input.ward) }),
    ...(input.published === true ? { published: true } : {}),
    createdAt: clock.now(),
  };
};

/** The shapes that Royal Mail gives out: A9 9AA, A99 9AA, AA9 9AA, AA99 9AA, A9A 9AA, AA9A 9AA. */
const postcode = /^([A-Z]{1,2}\d[A-Z\d]?) ?(\d[A-Z]{2})$/;

/** In capitals, with its blank: `SK1 3XE`. @throws Invalid (`postcode-invalid`). */
export const checkedPostcode = (text: string): string => {
  const [, outward, inward] = postcode.exec(text.trim().toUpperCase()) ?? [];
  if (outward === undefined || inward === undefined)
    throw new Invalid(
      'postcode-invalid',
      `${JSON.stringify(text.slice(0, 80))} is not a whole postcode, such as SK1 3XE`,
    );
  return `${outward} ${inward}`;
};

/** Both, within their bounds and the area, or neither. @throws Invalid (`position-invalid`, `position-outside`). */
export const checkedPosition = (
  { latitude, longitude }: Pick<NewSite, 'latitude' | 'longitude'>,
  area: Area | undefined,
): Pick<Site, 'latitude' | 'longitude'> => {
  if (latitude === undefined && longitude === undefined) return {};
  if (latitude === undefined || longitude === undefined) {
    throw new Invalid(
      'position-invalid',
      `a position needs both latitude and longitude; ${latitude === undefined ? 'latitude' : 'longitude'} is missing`,
    );
  }
  // Written so that NaN fails too.
  if (!(Math.abs(latitude) <= 90))
    throw new Invalid('position-invalid', `latitude ${latitude} is not between -90 and 90 degrees`);
  if (!(Math.abs(longitude) <= 180))
    throw new Invalid('position-invalid', `longitude ${longitude} is not between -180 and 180 degrees`);
  if (area !== undefined && !lies(latitude, longitude, area)) {
    const advice = lies(longitude, latitude, area)
      ? 'latitude and longitude seem to be swapped'
      : lies(latitude, -longitude, area)
        ? 'the longitude seems to have lost its sign: west of Greenwich is negative'
        : 'correct it, or widen the settings area.*';
    throw new Invalid(
      'position-outside',
      `${latitude}, ${longitude} lies outside the area ${area.south} to ${area.north} north, ${area.west} to ${area.east} east: ${advice}`,
    );
  }
  return { latitude, longitude };
};

const lies = (latitude: number, longitude: number, { south, west, north, east }: Area): boolean =>
  latitude >= south && latitude <= north && longitude >= west && longitude <= east;
