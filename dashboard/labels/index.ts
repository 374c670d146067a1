import { createHash } from 'node:crypto';
import nunjucks from 'nunjucks';
import { Invalid, NotFound } from '../../device-profiles/vocabulary/index.ts';
import { labelOf, type Label, type LabelDevice } from './label.ts';
import { placesOn, sheetNamed, sheetNames } from './sheets.ts';
import { styleOf } from './style.ts';

export type { LabelDevice } from './label.ts';

/**
 * A hundred sheets of 21: what a printer's tray takes, and about 9 MB of page. It takes a second and a half to make, in
 * which a thread does nothing else, so that a server should allow fewer.
 */
export const LABELS_AT_MOST = 2_100;

/** Which labels, and on which sheets. */
export interface LabelsWanted {
  /** All that could be asked for. */
  readonly devices: readonly LabelDevice[];
  readonly sites: readonly { readonly id: string; readonly name: string }[];
  /** Only the devices that are at this site. */
  readonly site?: string | undefined;
  /** Only these, in this order; else all that are not retired, by id. */
  readonly ids?: readonly string[] | undefined;
  /** Labels a sheet: 21, 24 or 8; 21 unless said otherwise. */
  readonly sheet?: string | undefined;
  /** Places of the first sheet that are used already: 0 to one less than the sheet has. */
  readonly skip?: number | undefined;
  /** Where people reach this Kerbside: `https://sensors.example.gov.uk`. Needed for devices that are not LoRaWAN's. */
  readonly base?: string | undefined;
  /** Lines to cut along, for plain paper. */
  readonly outlines?: boolean | undefined;
  /** More labels than these are refused: `LABELS_AT_MOST` unless it is fewer. */
  readonly atMost?: number | undefined;
}

/** One page of HTML that needs no other file. */
export interface LabelSheets {
  readonly html: string;
  /** `22 labels on 2 sheets`. */
  readonly title: string;
  /** The Content-Security-Policy to send with it: no script at all, and no style but the page's own. */
  readonly policy: string;
}

const templates = new nunjucks.Environment(new nunjucks.FileSystemLoader(import.meta.dirname), {
  autoescape: true,
  trimBlocks: true,
  lstripBlocks: true,
});

/**
 * Lays out the labels of these devices on A4 sheets.
 * @throws Invalid (`sheet-unknown`, `skip-invalid`, `labels-too-many`, `base-missing`, `base-invalid`,
 * `label-text-too-long`), NotFound (`site-unknown`, `device-unknown`, `labels-none`).
 */
export const labelSheets = (wanted: LabelsWanted): LabelSheets => {
  const { sheet: name = '21', skip = 0, base, outlines = false } = wanted;
  const sheet = sheetNamed(name);
  if (sheet === undefined)
    throw new Invalid('sheet-unknown', `There are sheets of ${sheetNames.join(', ')} labels, not of ${quoted(name)}`);
  const places = placesOn(sheet);
  if (!Number.isInteger(skip) || skip < 0 || skip >= places)
    throw new Invalid('skip-invalid', `The places to skip must be 0 to ${places - 1} on a sheet of ${places}`);
  const siteNames = new Map(wanted.sites.map((site) => [site.id, site.name]));
  const labels = chosen(wanted).map((device) => {
    const site = device.site === undefined ? undefined : (siteNames.get(device.site) ?? device.site);
    return labelOf(device, { site, base, qrMm: sheet.qrMm });
  });
  const pages = inPages([...Array.from({ length: skip }, () => undefined), ...labels], places);
  const style = styleOf(sheet);
  const hash = createHash('sha256').update(style).digest('base64');
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
  const title = `${counted(labels.length, 'label')} on ${counted(pages.length, 'sheet')}`;
  const html = templates.render('sheet.njk', { title, fits: sheet.fits, policy, style, outlines, pages });
  return { html, title, policy: `${policy}; frame-ancestors 'none'` };
};

const quoted = (text: string): string => JSON.stringify(text.slice(0, 64));
const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

const inOrder = new Intl.Collator('en-GB', { numeric: true });

const chosen = ({ devices, sites, site, ids, atMost = LABELS_AT_MOST }: LabelsWanted): readonly LabelDevice[] => {
  if (site !== undefined && !sites.some(({ id }) => id === site))
    throw new NotFound('site-unknown', `No site has the id ${quoted(site)}`);
  const named = ids === undefined ? inService(devices) : byId(devices, ids);
  const found = site === undefined ? named : named.filter((device) => device.site === site);
  if (found.length === 0) throw new NotFound('labels-none', 'No device fits, so that there is no label to print');
  const most = Math.min(atMost, LABELS_AT_MOST);
  if (found.length > most)
    throw new Invalid('labels-too-many', `${found.length} labels are more than ${most}: print them site by site`);
  return found;
};

const inService = (devices: readonly LabelDevice[]): readonly LabelDevice[] =>
  devices.filter(({ retired }) => retired !== true).toSorted((a, b) => inOrder.compare(a.id, b.id));

const byId = (devices: readonly LabelDevice[], ids: readonly string[]): readonly LabelDevice[] => {
  const known = new Map(devices.map((device) => [device.id, device]));
  const missing = ids.filter((id) => !known.has(id));
  if (missing.length > 0)
    throw new NotFound('device-unknown', `No device has the id ${missing.slice(0, 5).map(quoted).join(' or ')}`);
  return [...new Set(ids)].flatMap((id) => known.get(id) ?? []);
};

const inPages = (places: readonly (Label | undefined)[], aPage: number): readonly (readonly (Label | undefined)[])[] =>
  Array.from({ length: Math.ceil(places.length / aPage) }, (_, page) => places.slice(page * aPage, (page + 1) * aPage));
