import {
  deviceId,
  InvalidId,
  KerbsideError,
  quarantineReasons,
  type QuarantineReason,
  type Uplink,
} from '../../../device-profiles/vocabulary/index.ts';
import { compareUplinks, type Comparison } from '../../../infra/preview/compare.ts';
import type { Leaf } from '../../../infra/preview/leaves.ts';
import { trying } from '../../limits.ts';
import { sidesOf, type SideIn } from '../../api/compare-sides.ts';
import { namesOf, newestOf } from '../../api/device-uplinks.ts';
import { pastedUplink } from '../../preview/pasted.ts';
import { again, fresh, refusedAt, type FieldError } from '../accounts/parts.ts';
import type { Desk, Shown, Visit } from '../desk.ts';
import { when } from '../models.ts';
import type { Page } from '../page.ts';
import { quarantineWords } from '../words.ts';
import { profileItems } from './models.ts';
import type { EngineerParts } from './parts.ts';
import { englishWords } from '../../words/index.ts';

const HREF = '/engineer/codecs/compare';
/** Two codecs of the largest size, as a form writes them, and payloads. */
const BODY_BYTES = 2 * 1024 * 1024;
/** Newest uplinks of a device that are compared; scripts may ask for a thousand. */
const UPLINKS = 100;
/** What one comparison may keep the sandbox busy for. */
const EXPLAINING_MS = 10_000;
/** Differences that a page lists. */
const SHOWN = 50;
/** Letters of what a codec threw. */
const DETAIL_SHOWN = 500;

interface Typed {
  readonly a: string;
  readonly b: string;
  readonly codec: string;
  readonly device: string;
  readonly payloads: string;
  readonly port: string;
}

const page = (parts: EngineerParts, typed: Typed, found?: object): Page => ({
  template: 'engineers/compare',
  title: 'Compare two versions',
  section: 'engineer',
  content: {
    typed,
    action: HREF,
    back: '/engineer/codecs',
    uplinks: UPLINKS,
    as: profileItems(parts, typed.a),
    bs: profileItems(parts, typed.b),
    found,
  },
});

/** Why both refuse is a reason, in the words that all pages have for it. */
const leafWords = (leaf: Leaf | undefined, path: string): string => {
  if (leaf === undefined) return '-';
  const reason = path === 'refused' ? quarantineReasons.find((one) => one === leaf) : undefined;
  return reason === undefined ? (leaf === null ? 'nothing' : String(leaf)) : quarantineWords(reason, englishWords);
};

const refusalView = ([reason, { uplinks, detail }]: readonly [
  QuarantineReason,
  { readonly uplinks: number; readonly detail: string },
]) => ({
  words: quarantineWords(reason, englishWords),
  uplinks,
  detail: detail.slice(0, DETAIL_SHOWN),
});

const foundOf = (comparison: Comparison, now: Parameters<typeof when>[1], pasted: readonly Uplink[] | undefined) => ({
  ...comparison,
  refusals: {
    a: [...comparison.refusals.a].map(refusalView),
    b: [...comparison.refusals.b].map(refusalView),
  },
  differences: comparison.differences.slice(0, SHOWN).map(({ uplink, path, a, b }) => ({
    which:
      pasted === undefined ? when(uplink.receivedAt, now, englishWords).clock : `Payload ${pasted.indexOf(uplink) + 1}`,
    path,
    a: leafWords(a, path),
    b: leafWords(b, path),
  })),
  left: Math.max(0, comparison.found - SHOWN),
});

/** The uplinks that are meant: pasted lines, or the newest of a device. */
const uplinksOf = async (
  typed: Typed,
  parts: EngineerParts,
): Promise<{ readonly uplinks: readonly Uplink[]; readonly pasted: boolean } | FieldError> => {
  const lines = typed.payloads
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (lines.length > 0) return pastedLines(lines, typed.port, parts);
  if (typed.device === '') return { field: 'device', text: 'Enter a sensor, or paste payloads' };
  try {
    const device = parts.registry.device({ by: 'id', value: deviceId(typed.device) });
    if (device === undefined) return { field: 'device', text: `There is no sensor ${JSON.stringify(typed.device)}` };
    const entries = await newestOf(parts.journal, namesOf(device), { limit: UPLINKS });
    if (entries.length === 0) return { field: 'device', text: 'The journal has no message of this sensor' };
    return { uplinks: entries.map(({ uplink }) => uplink), pasted: false };
  } catch (error) {
    if (!(error instanceof InvalidId)) throw error;
    return refusedAt('device', error);
  }
};

const pastedLines = (
  lines: readonly string[],
  port: string,
  { clock }: EngineerParts,
): { readonly uplinks: readonly Uplink[]; readonly pasted: boolean } | FieldError => {
  if (lines.length > UPLINKS) return { field: 'payloads', text: `Paste ${UPLINKS} payloads at most` };
  if (port !== '' && !(/^\d{1,3}$/.test(port) && Number(port) <= 255))
    return { field: 'port', text: 'A port is a number from 0 to 255' };
  try {
    const fPort = port === '' ? {} : { fPort: Number(port) };
    return {
      pasted: true,
      uplinks: lines.map((line, index) =>
        pastedUplink(
          { ...(line.startsWith('{') || line.startsWith('[') ? { text: line } : { hex: line }), ...fPort },
          clock.now(),
          `payload ${index + 1}: `,
        ),
      ),
    };
  } catch (error) {
    return refusedAt('payloads', error);
  }
};

const compare = async (parts: EngineerParts, visit: Visit): Promise<Shown> => {
  const typed: Typed = {
    a: visit.field('a'),
    b: visit.field('b'),
    codec: visit.field('codec'),
    device: visit.field('device').trim().slice(0, 80),
    payloads: visit.field('payloads'),
    port: visit.field('port').trim().slice(0, 10),
  };
  const wrong = (error: FieldError): Shown => again(page(parts, typed), [error]);
  if (typed.a === '') return wrong({ field: 'a', text: 'Choose a model' });
  if ((typed.b === '') === (typed.codec.trim() === ''))
    return wrong({ field: 'b', text: 'Choose another model, or paste a codec: one of the two' });
  const b: SideIn = typed.b === '' ? { codec: typed.codec } : { profile: typed.b };
  try {
    const sides = sidesOf({ a: { profile: typed.a }, b }, parts);
    const given = await uplinksOf(typed, parts);
    if ('field' in given) return wrong(given);
    const sender = given.pasted ? { device: null } : {};
    const comparison = await compareUplinks(
      parts.explain,
      { a: { profile: sides.a, ...sender }, b: { profile: sides.b, ...sender }, wordsOnly: sides.wordsOnly },
      given.uplinks,
      { explainingMs: EXPLAINING_MS },
    );
    return fresh(
      page(parts, typed, {
        ...foundOf(comparison, parts.clock.now(), given.pasted ? given.uplinks : undefined),
        versions: { a: sides.a.version, b: sides.b.version },
      }),
    );
  } catch (error) {
    if (!(error instanceof KerbsideError)) throw error;
    return wrong(refusedAt(typed.b === '' ? 'codec' : 'b', error));
  }
};

/** The same uplinks read in two ways, and where they part. Strangers' codecs are for those who may also install them. */
export const comparePages = (desk: Desk, parts: EngineerParts): void => {
  desk.get(HREF, 'manage', (visit) => {
    const a = visit.query('a')?.slice(0, 200) ?? '';
    return fresh(
      page(parts, { a, b: '', codec: '', device: visit.query('device')?.slice(0, 80) ?? '', payloads: '', port: '' }),
    );
  });
  desk.post(HREF, 'manage', (visit) => compare(parts, visit), { bodyBytes: BODY_BYTES, limit: trying });
};
