import { decodeExample, encodeExample } from './examples.ts';
import { isTrouble, type Checkout, type Trouble } from './files.ts';
import type { DeviceRepository, Example, FoundCodec, FoundDevice, Listed } from './found.ts';
import { isAllianceId, lorawanProfileId, type FoundIds } from './lorawan-ids.ts';
import type { Literals } from './literal.ts';
import { listOf, readToml, recordOf, textOf, textsOf, type ParsedFile } from './parse.ts';

/**
 * A checkout in the layout of chirpstack/chirpstack-device-profiles, as its README describes it:
 * `vendors/<vendor>/vendor.toml` with `devices/`, `profiles/` and `codecs/` beside it. Examples of `codecs/x.js` are
 * `codecs/test_decode_x.json` and `codecs/test_encode_x.json`, which may be JavaScript literals.
 */
export const chirpstackProfiles = (checkout: Checkout, literals: Literals): DeviceRepository => {
  const codecs = new Map<string, Promise<FoundCodec>>();
  const codec = (vendor: string, name: string): Promise<FoundCodec> => {
    const id = `vendors/${vendor}/codecs/${name}`;
    const known = codecs.get(id) ?? readCodec({ checkout, literals }, vendor, name);
    codecs.set(id, known);
    return known;
  };
  return {
    layout: 'chirpstack-device-profiles',
    list: async () => {
      const devices: Listed[] = [];
      const troubles: Trouble[] = [];
      for (const vendor of await checkout.names('vendors')) {
        if (!(await checkout.hasFolder(`vendors/${vendor}`))) continue;
        const parsed = await readFileAs(checkout, `vendors/${vendor}/vendor.toml`);
        if (isTrouble(parsed))
          troubles.push({ ...parsed, advice: `${parsed.advice}; until then the maker has no name and no VendorID` });
        // The list in vendor.toml is often shorter than the folder.
        const listed = isTrouble(parsed) ? [] : textsOf(recordOf(recordOf(parsed.value)['vendor'])['devices']);
        const present = (await checkout.names(`vendors/${vendor}/devices`)).filter((name) => name.endsWith('.toml'));
        for (const name of new Set([...listed, ...present]))
          devices.push({ vendor, model: name.replace(/\.toml$/, '') });
      }
      return { devices, troubles };
    },
    read: ({ vendor, model }) => readDevice(checkout, codec, { vendor, model }),
  };
};

const readFileAs = async (checkout: Checkout, file: string): Promise<ParsedFile | Trouble> => {
  const read = await checkout.text(file);
  return isTrouble(read) ? read : readToml(read.text, file);
};

const readDevice = async (
  checkout: Checkout,
  codec: (vendor: string, name: string) => Promise<FoundCodec>,
  { vendor, model }: Listed,
): Promise<FoundDevice | Trouble> => {
  const file = `vendors/${vendor}/devices/${model}.toml`;
  const parsed = await readFileAs(checkout, file);
  if (isTrouble(parsed)) return parsed;
  const { name, description, firmware } = recordOf(recordOf(parsed.value)['device']);
  const versions = listOf(firmware).map(recordOf).toReversed();
  const variants = new Map<string, FoundDevice['variants'][number]>();
  for (const { version, codec: codecName } of versions) {
    if (typeof codecName !== 'string' || codecName === '') continue;
    const found = await codec(vendor, codecName);
    if (!variants.has(found.id)) variants.set(found.id, { codec: found, firmware: textOf(version) ?? '' });
  }
  const vendorFile = await readFileAs(checkout, `vendors/${vendor}/vendor.toml`);
  const maker = isTrouble(vendorFile) ? {} : recordOf(recordOf(vendorFile.value)['vendor']);
  const { ids, troubles } = await profileIdsOf(checkout, {
    vendor,
    vendorId: maker['vendor_id'],
    profiles: versions.flatMap(({ profiles }) => textsOf(profiles)),
  });
  return {
    vendor,
    model,
    name: textOf(name) ?? model,
    maker: textOf(maker['name']) ?? vendor,
    ...(typeof description === 'string' ? { description } : {}),
    lorawanProfileIds: ids,
    file,
    variants: [...variants.values()],
    troubles,
  };
};

interface Identity {
  readonly vendor: string;
  readonly vendorId: unknown;
  /** Names of files. */
  readonly profiles: readonly string[];
}

const profileIdsOf = async (checkout: Checkout, { vendor, vendorId, profiles }: Identity): Promise<FoundIds> => {
  if (!isAllianceId(vendorId)) return { ids: [], troubles: [] };
  const ids = new Set<string>();
  const troubles: Trouble[] = [];
  for (const name of new Set(profiles)) {
    const profile = await readFileAs(checkout, `vendors/${vendor}/profiles/${name}`);
    if (isTrouble(profile)) troubles.push(profile);
    const { vendor_profile_id: number } = isTrouble(profile) ? {} : recordOf(recordOf(profile.value)['profile']);
    if (isAllianceId(number)) ids.add(lorawanProfileId(vendorId, number));
  }
  return { ids: [...ids].toSorted(), troubles };
};

const readCodec = async (
  { checkout, literals }: { readonly checkout: Checkout; readonly literals: Literals },
  vendor: string,
  name: string,
): Promise<FoundCodec> => {
  const folder = `vendors/${vendor}/codecs`;
  const id = `${folder}/${name}`;
  const script = await checkout.text(id);
  if (isTrouble(script)) return { id, examples: [], troubles: [{ ...script, problem: `the codec ${script.problem}` }] };
  const troubles: Trouble[] = [];
  const examples: Example[] = [];
  const stem = name.replace(/\.js$/, '');
  for (const does of ['decode', 'encode'] as const) {
    const testName = `test_${does}_${stem}.json`;
    if (!(await checkout.names(folder)).includes(testName)) continue;
    const file = `${folder}/${testName}`;
    const read = await checkout.text(file);
    const list = isTrouble(read) ? read : await literals.list(read.text, file);
    if (isTrouble(list)) {
      troubles.push(list);
      continue;
    }
    for (const [index, entry] of list.values.entries()) {
      const { name: title, input, expected } = recordOf(entry);
      const where = { name: textOf(title) ?? `example ${index + 1}`, file };
      examples.push(
        does === 'decode'
          ? decodeExample('decode-uplink', where, { input, output: expected })
          : encodeExample(where, { input, output: expected }),
      );
    }
  }
  const both = { file: id, source: script.text };
  return { id, uplink: both, downlink: both, examples, troubles };
};
