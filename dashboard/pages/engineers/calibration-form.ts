import { iso, quantityIds, quantityOf, type Instant } from '../../../device-profiles/vocabulary/index.ts';
import type { Device } from '../../../infra/registry/contract.ts';
import { unitWords } from '../words.ts';
import { withQuery, workHref, type EngineerParts } from './parts.ts';

/** The list of a device's calibrations. */
export const calibrationsHref = (id: string): string => `${workHref(id)}/calibrations`;

/** What is offered to be corrected: what its profile says, else everything. */
const quantitiesOf = ({ profile }: Device, { catalogue }: EngineerParts) => {
  const known = [...(catalogue.get(profile)?.fields.values() ?? [])].map(({ quantity }) => quantity);
  return known.length === 0 ? quantityIds : [...new Set(known)];
};

/** Quantities as a list to choose from. */
export const quantityItems = (device: Device, parts: EngineerParts, chosen: string) => [
  { value: '', text: 'Choose a quantity' },
  ...quantitiesOf(device, parts).map((id) => ({
    value: id,
    text: `${quantityOf(id).name}${unitWords(id) === '' ? '' : `, ${unitWords(id)}`}`,
    selected: id === chosen,
  })),
];

/** The form of a new calibration from a stretch beside a reference. */
export const addFromFit = (
  id: string,
  {
    quantity,
    reference,
    from,
    to,
  }: { readonly quantity: string; readonly reference: string; readonly from: Instant; readonly to: Instant },
): string =>
  withQuery(`${calibrationsHref(id)}/add`, {
    quantity,
    reference,
    fitFrom: iso(from),
    fitTo: iso(to),
    from: iso(from),
  });
