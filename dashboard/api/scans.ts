import { Type, type Static } from 'typebox';
import { matchProfile } from '../../device-profiles/identity/match.ts';
import { readScan, scanReasons, type Scan } from '../../device-profiles/identity/scan.ts';
import type { Tr005Identity } from '../../device-profiles/identity/tr005.ts';
import type { Http } from '../../infra/http/server.ts';
import { devicesMeant } from '../devices-meant.ts';
import { oneOf, textOrNull } from '../wire.ts';
import { closed, problems } from './answers.ts';
import type { ApiParts } from './parts.ts';

const kinds = ['tr005', 'dev-eui', 'device-page', 'short-code', 'refused'] as const satisfies readonly Scan['kind'][];
const matches = ['known', 'same-vendor', 'unknown'] as const;

const ScanOut = closed(
  {
    kind: oneOf(kinds, { description: 'What the text is' }),
    reason: Type.Optional(oneOf(scanReasons, { description: 'Why it names no device' })),
    words: textOrNull({ description: 'For a person: what it is instead, and what to do' }),
    devEui: textOrNull({}),
    joinEui: textOrNull({}),
    serial: textOrNull({}),
    profileId: textOrNull({ description: 'VendorID and VendorProfileID of a TR005 code' }),
    checked: Type.Boolean({ description: 'The code had a checksum, and it was right' }),
    match: oneOf(matches, { description: 'Whether a profile here has that ProfileID' }),
    profiles: Type.Array(Type.String(), { description: 'The profiles that fit, or others of the same maker' }),
    devices: Type.Array(Type.String(), { description: 'Registered devices that are meant: usually one or none' }),
  },
  { description: 'What was scanned or typed. An owner token in it is not given back: it is a secret' },
);

/** What a QR code or a typed label says: the first step of registering a device. */
export const scanRoutes = (api: Http, { registry, catalogue, publicUrl, may }: ApiParts): void => {
  api.post(
    '/scans',
    {
      ...may.read,
      schema: {
        tags: ['devices'],
        operationId: 'readScan',
        summary: 'What a scanned or typed text says',
        description:
          'A LoRa Alliance TR005 code or one of its drafts, a DevEUI, a label of ours or its short code. Nothing is kept. ' +
          'Needs `read`.',
        body: closed({ text: Type.String({ maxLength: 4_000, description: 'As the camera or the person gave it' }) }),
        response: { 200: ScanOut, ...problems() },
      },
    },
    (request) => {
      const scan = readScan(request.body.text, publicUrl);
      const identity = identityIn(scan);
      const match = identity === undefined ? undefined : matchProfile(identity, catalogue);
      const fitting = match?.kind === 'known' ? match.profiles : match?.kind === 'same-vendor' ? match.candidates : [];
      return {
        ...scanOut(scan, identity),
        match: match?.kind ?? 'unknown',
        profiles: fitting.map(({ id }) => id),
        devices: devicesMeant(scan, registry.devices()).map(({ id }) => id),
      };
    },
  );
};

const identityIn = (scan: Scan): Tr005Identity | undefined =>
  scan.kind === 'tr005' || scan.kind === 'refused' ? scan.identity : undefined;

const scanOut = (
  scan: Scan,
  identity: Tr005Identity | undefined,
): Omit<Static<typeof ScanOut>, 'match' | 'profiles' | 'devices'> => ({
  kind: scan.kind,
  ...(scan.kind === 'refused' ? { reason: scan.reason } : {}),
  words: scan.kind === 'refused' ? scan.words : null,
  devEui: scan.kind === 'dev-eui' ? scan.devEui : (identity?.devEui ?? null),
  joinEui: identity?.joinEui ?? null,
  serial: identity?.serial ?? null,
  profileId: identity === undefined ? null : identity.vendorId + identity.vendorProfileId,
  checked: identity?.checked ?? false,
});
