import { basename } from 'node:path';
import { decodeExample, encodeExample } from './examples.ts';
import { isTrouble, type Checkout, type Trouble } from './files.ts';
import type { DeviceRepository, Example, FoundCodec, FoundDevice, Listed, Script } from './found.ts';
import { isAllianceId, lorawanProfileId, type FoundIds } from './lorawan-ids.ts';
import { listOf, readYaml, recordOf, textOf, textsOf, type ParsedFile } from './parse.ts';

/**
 * A checkout in the layout of TheThingsNetwork/lorawan-devices, as its README describes it: `vendor/index.yaml`,
 * `vendor/<vendor>/index.yaml`, a file for each device, each LoRaWAN profile and each codec.
 */
export const lorawanDevices = (checkout: Checkout): DeviceRepository => {
  const vendors = once(() => readVendors(checkout));
  const files = new Map<string, Promise<ParsedFile | Trouble>>();
  const read: ReadYaml = (file) => {
    const known = files.get(file) ?? readFileAs(checkout, file);
    files.set(file, known);
    return known;
  };
  const codecs = new Map<string, Promise<FoundCodec>>();
  const codec = (vendor: string, name: string): Promise<FoundCodec> => {
    const id = `vendor/${vendor}/${name}.yaml`;
    const known = codecs.get(id) ?? readCodec(checkout, vendor, id);
    codecs.set(id, known);
    return known;
  };
  return {
    layout: 'lorawan-devices',
    list: async () => {
      const devices: Listed[] = [];
      const troubles: Trouble[] = [...(await vendors()).troubles];
      for (const vendor of await checkout.names('vendor')) {
        if (!(await checkout.hasFolder(`vendor/${vendor}`))) continue;
        const index = await readFileAs(checkout, `vendor/${vendor}/index.yaml`);
        if (isTrouble(index))
          troubles.push({ ...index, advice: `${index.advice}; until then no device of ${vendor} is imported` });
        else devices.push(...textsOf(recordOf(index.value)['endDevices']).map((model) => ({ vendor, model })));
      }
      return { devices, troubles };
    },
    read: async ({ vendor, model }) =>
      readDevice({ checkout, read, vendors: (await vendors()).known, codec }, vendor, model),
  };
};

const once = <T>(make: () => Promise<T>): (() => Promise<T>) => {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
};

const readFileAs = async (checkout: Checkout, file: string): Promise<ParsedFile | Trouble> => {
  const read = await checkout.text(file);
  return isTrouble(read) ? read : readYaml(read.text, file);
};

interface Vendor {
  readonly name?: string;
  /** The VendorID that the LoRa Alliance gave it. */
  readonly vendorId?: number;
}

const readVendors = async (
  checkout: Checkout,
): Promise<{ readonly known: ReadonlyMap<string, Vendor>; readonly troubles: readonly Trouble[] }> => {
  const index = await readFileAs(checkout, 'vendor/index.yaml');
  if (isTrouble(index))
    return {
      known: new Map(),
      troubles: [{ ...index, advice: `${index.advice}; until then makers have no names and no VendorIDs` }],
    };
  const known = listOf(recordOf(index.value)['vendors']).flatMap((entry) => {
    const { id, name, vendorID } = recordOf(entry);
    if (typeof id !== 'string') return [];
    const vendor: Vendor = {
      ...(typeof name === 'string' ? { name } : {}),
      ...(isAllianceId(vendorID) ? { vendorId: vendorID } : {}),
    };
    return [[id, vendor] as const];
  });
  return { known: new Map(known), troubles: [] };
};

/** Reads a YAML file of the checkout. */
type ReadYaml = (file: string) => Promise<ParsedFile | Trouble>;

interface Reading {
  readonly checkout: Checkout;
  /** Remembers what it has read: many devices share an index and LoRaWAN profiles. */
  readonly read: ReadYaml;
  readonly vendors: ReadonlyMap<string, Vendor>;
  readonly codec: (vendor: string, name: string) => Promise<FoundCodec>;
}

const readDevice = async (
  { checkout, read, vendors, codec }: Reading,
  vendor: string,
  model: string,
): Promise<FoundDevice | Trouble> => {
  const file = `vendor/${vendor}/${model}.yaml`;
  const parsed = await readFileAs(checkout, file);
  if (isTrouble(parsed)) return parsed;
  const { name, description, firmwareVersions } = recordOf(parsed.value);
  const uses = usesOf(firmwareVersions);
  const variants = new Map<string, FoundDevice['variants'][number]>();
  for (const { codecName, profileVendor = vendor, firmware } of uses) {
    if (codecName === undefined) continue;
    const own = (await checkout.names(`vendor/${vendor}`)).includes(`${codecName}.yaml`);
    const found = await codec(own ? vendor : profileVendor, codecName);
    if (!variants.has(found.id)) variants.set(found.id, { codec: found, firmware });
  }
  const maker = vendors.get(vendor);
  const vendorId = maker?.vendorId;
  const { ids, troubles } = await profileIdsOf(read, {
    vendor,
    model,
    uses,
    ...(vendorId === undefined ? {} : { vendorId }),
  });
  return {
    vendor,
    model,
    name: textOf(name) ?? model,
    maker: maker?.name ?? vendor,
    ...(typeof description === 'string' ? { description } : {}),
    lorawanProfileIds: ids,
    file,
    variants: [...variants.values()],
    troubles,
  };
};

/** One firmware in one region: which profile, and which codec. */
interface Use {
  readonly firmware: string;
  readonly region: string;
  readonly profile?: string;
  readonly codecName?: string;
  /** The vendor in whose folder the profile, and perhaps the codec, lies, where it is not the device's own. */
  readonly profileVendor?: string;
}

/** The newest firmware first, which stands last in the file; in it, Europe first. */
const usesOf = (firmwareVersions: unknown): readonly Use[] =>
  listOf(firmwareVersions)
    .toReversed()
    .flatMap((entry, age) => {
      const { version, profiles } = recordOf(entry);
      return Object.entries(recordOf(profiles))
        .toSorted(([a], [b]) => Number(b.startsWith('EU')) - Number(a.startsWith('EU')))
        .map(([region, profile]): Use => {
          const { id, codec, vendorID } = recordOf(profile);
          return {
            firmware: textOf(version) ?? String(age),
            region,
            ...(typeof id === 'string' ? { profile: id } : {}),
            ...(typeof codec === 'string' ? { codecName: codec } : {}),
            ...(typeof vendorID === 'string' ? { profileVendor: vendorID } : {}),
          };
        });
    });

interface Identity {
  readonly vendor: string;
  readonly model: string;
  readonly uses: readonly Use[];
  readonly vendorId?: number;
}

/** VendorID with VendorProfileID, from the vendor's index and, as older files have it, from the LoRaWAN profiles. */
const profileIdsOf = async (read: ReadYaml, { vendor, model, uses, vendorId }: Identity): Promise<FoundIds> => {
  if (vendorId === undefined) return { ids: [], troubles: [] };
  const ids = new Set<string>();
  const troubles: Trouble[] = [];
  const index = await read(`vendor/${vendor}/index.yaml`);
  if (!isTrouble(index)) {
    for (const [number, entry] of Object.entries(recordOf(recordOf(index.value)['profileIDs']))) {
      const { endDeviceID, id, codec } = recordOf(entry);
      const ofProfile =
        typeof id === 'string' && uses.some(({ profile, codecName }) => profile === id && codecName === codec);
      if (isAllianceId(Number(number)) && (endDeviceID === model || ofProfile))
        ids.add(lorawanProfileId(vendorId, Number(number)));
    }
  }
  for (const { profile: name, profileVendor = vendor } of uses) {
    // A profile of another maker has that maker's numbers.
    if (name === undefined || profileVendor !== vendor) continue;
    const profile = await read(`vendor/${vendor}/${name}.yaml`);
    if (isTrouble(profile)) troubles.push(profile);
    const { vendorProfileID } = isTrouble(profile) ? {} : recordOf(profile.value);
    if (isAllianceId(vendorProfileID)) ids.add(lorawanProfileId(vendorId, vendorProfileID));
  }
  return { ids: [...ids].toSorted(), troubles };
};

const readCodec = async (checkout: Checkout, vendor: string, id: string): Promise<FoundCodec> => {
  const parsed = await readFileAs(checkout, id);
  if (isTrouble(parsed))
    return { id, examples: [], troubles: [{ ...parsed, problem: `the codec's definition: ${parsed.problem}` }] };
  const troubles: Trouble[] = [];
  const script = async (role: string): Promise<Script | undefined> => {
    const { fileName } = recordOf(recordOf(parsed.value)[role]);
    if (fileName === undefined) return undefined;
    if (typeof fileName !== 'string') {
      troubles.push({ file: id, problem: `${role}.fileName is no text`, advice: 'name the script there' });
      return undefined;
    }
    const file = `vendor/${vendor}/${fileName}`;
    const read = await checkout.text(file);
    if (!isTrouble(read)) return { file, source: read.text };
    troubles.push({
      file: id,
      ...lineOf(parsed, [role, 'fileName']),
      problem: `${role} names ${basename(read.file)}, which ${read.problem}`,
      advice: read.advice,
    });
    return undefined;
  };
  const uplink = await script('uplinkDecoder');
  const downlink = (await script('downlinkEncoder')) ?? (await script('downlinkDecoder'));
  return {
    id,
    ...(uplink === undefined ? {} : { uplink }),
    ...(downlink === undefined ? {} : { downlink }),
    examples: ['uplinkDecoder', 'downlinkEncoder', 'downlinkDecoder'].flatMap((role) => examplesOf(parsed, id, role)),
    troubles,
  };
};

const lineOf = (parsed: ParsedFile, path: readonly (string | number)[]): { readonly line?: number } => {
  const line = parsed.line(path);
  return line === undefined ? {} : { line };
};

const examplesOf = (parsed: ParsedFile, file: string, role: string): readonly Example[] =>
  listOf(recordOf(recordOf(parsed.value)[role])['examples']).map((entry, index) => {
    const { description, input, output, normalizedOutput } = recordOf(entry);
    const where = {
      name: textOf(description) ?? `example ${index + 1}`,
      file,
      ...lineOf(parsed, [role, 'examples', index]),
    };
    if (role === 'downlinkEncoder') return encodeExample(where, { input, output });
    return decodeExample(role === 'downlinkDecoder' ? 'decode-downlink' : 'decode-uplink', where, {
      input,
      output,
      ...(normalizedOutput === undefined ? {} : { normalised: normalizedOutput }),
    });
  });
