import type { Sandbox } from '../codec/sandbox.ts';
import { readCatalogue } from '../catalogue.ts';
import { Invalid, NotFound } from '../vocabulary/errors.ts';
import { chirpstackProfiles } from './chirpstack.ts';
import { isTrouble, openCheckout, troubleLine, type Trouble } from './files.ts';
import type { DeviceRepository, Listed } from './found.ts';
import { importedId } from './identity.ts';
import { importDevice, type Work } from './import-device.ts';
import { literals } from './literal.ts';
import { lorawanDevices } from './lorawan-devices.ts';
import type { ImportedProfile, ImportReport, RanCodec } from './report.ts';
import type { RanAll } from './run-examples.ts';

/** What to import, and whereto. */
export interface ImportOptions {
  /** The checkout. */
  readonly path: string;
  /** The folder of this installation's profiles: `<data>/profiles`. */
  readonly into: string;
  /** Folders of profiles that are there already and are not touched: Kerbside's own catalogue. */
  readonly beside: readonly string[];
  /** Only devices of this vendor, as the repository calls it. */
  readonly vendor?: string;
  /** Only this device: `<device>` or `<vendor>/<device>`, as the repository calls it. */
  readonly device?: string;
  /** Writes over what a person has edited or confirmed, and over twins in `into`. */
  readonly force: boolean;
  /** Writes nothing. */
  readonly dryRun: boolean;
  readonly sandbox: Sandbox;
  /** Told after each device. */
  readonly progress: (done: number, of: number, codecs: number) => void;
  readonly signal?: AbortSignal;
}

/** The repository in a folder, by its layout. @throws Invalid (`repository-layout`), NotFound (`repository-unknown`) */
const openRepository = async (path: string, sandbox: Sandbox): Promise<DeviceRepository> => {
  const checkout = await openCheckout(path);
  if (await checkout.hasFolder('vendor')) return lorawanDevices(checkout);
  if (await checkout.hasFolder('vendors'))
    return chirpstackProfiles(
      checkout,
      literals((source) => sandbox.codec(source)),
    );
  throw new Invalid(
    'repository-layout',
    `${path} has neither a folder "vendor", as lorawan-devices has, nor "vendors", as chirpstack-device-profiles ` +
      'has: give the top folder of the checkout',
  );
};

/** @throws NotFound (`repository-device-unknown`) when nothing that was asked for is there. */
const select = (devices: readonly Listed[], { vendor, device }: ImportOptions): readonly Listed[] => {
  const selected = devices.filter(
    (one) =>
      (vendor === undefined || one.vendor === vendor) &&
      (device === undefined || one.model === device || `${one.vendor}/${one.model}` === device),
  );
  if (selected.length > 0 || (vendor === undefined && device === undefined)) return selected;
  const wanted = [vendor, device].filter((word) => word !== undefined).join('/');
  const vendors = new Set(devices.map((one) => one.vendor)).size;
  throw new NotFound(
    'repository-device-unknown',
    `the repository lists no device ${wanted}; it has ${devices.length} devices of ${vendors} vendors`,
  );
};

/**
 * Imports the devices of a checkout as drafts: reads, runs every example in the sandbox, suggests what the keys mean,
 * and writes a folder for each. What is broken is in the report and stops nothing else.
 * @throws NotFound (`repository-unknown`, `repository-device-unknown`), Invalid (`repository-layout`)
 */
export const importProfiles = async (options: ImportOptions): Promise<ImportReport> => {
  const began = performance.now();
  const repository = await openRepository(options.path, options.sandbox);
  const { devices, troubles: listing } = await repository.list();
  const selected = select(devices, options);
  const beside = await readCatalogue(options.beside);
  const work: Work = {
    ...options,
    layout: repository.layout,
    taken: new Map(beside.map(({ id }) => [id, 'the catalogue that comes with Kerbside'])),
    aliases: new Map(
      beside.flatMap(({ id, definition: { alsoKnownAs = [] } }) => alsoKnownAs.map((alias) => [alias, id] as const)),
    ),
    tried: new Map(),
    troubles: listing.filter(({ file }) => options.vendor === undefined || file.split('/')[1] === options.vendor),
  };
  const profiles: ImportedProfile[] = [];
  let done = 0;
  for (const listed of selected) {
    if (options.signal?.aborted === true) break;
    const device = await repository.read(listed);
    if (isTrouble(device)) {
      work.troubles.push(device);
      const from = `${listed.vendor}/${listed.model}`;
      profiles.push({
        id: importedId(listed.vendor, listed.model)?.id,
        from,
        renamed: false,
        did: 'broken',
        why: device.problem,
      });
    } else {
      work.troubles.push(...device.troubles);
      profiles.push(...(await importDevice(work, device)));
    }
    done += 1;
    options.progress(done, selected.length, work.tried.size);
    // The sandbox may keep this thread: signals and progress bars get it between two devices.
    await new Promise((resolve) => setImmediate(resolve));
  }
  const codecs = [...work.tried].map(([id, tried]) => summary(id, tried));
  const sum = (of: (codec: RanCodec) => number): number => codecs.reduce((total, codec) => total + of(codec), 0);
  return {
    layout: repository.layout,
    dryRun: options.dryRun,
    listed: devices.length,
    selected: selected.length,
    profiles,
    codecs,
    troubles: onceEach(work.troubles),
    examples: {
      passed: sum(({ passed }) => passed),
      failed: sum(({ failed }) => failed),
      notRunnable: sum(({ notRunnable }) => notRunnable),
    },
    complete: done === selected.length,
    seconds: (performance.now() - began) / 1000,
  };
};

/** A file that several devices share is told once. */
const onceEach = (troubles: readonly Trouble[]): readonly Trouble[] => [
  ...new Map(troubles.map((trouble) => [troubleLine(trouble), trouble])).values(),
];

const summary = (id: string, { ran }: RanAll): RanCodec => {
  const count = (kind: RanAll['ran'][number]['outcome']['kind']): number =>
    ran.filter(({ outcome }) => outcome.kind === kind).length;
  return {
    id,
    passed: count('passed'),
    failed: count('failed'),
    notRunnable: count('not-runnable'),
    examples: ran.filter(({ outcome }) => outcome.kind !== 'passed'),
  };
};
