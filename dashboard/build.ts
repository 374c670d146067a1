import { createHash, randomUUID } from 'node:crypto';
import { access, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { Type, type Static } from 'typebox';
import { Check } from 'typebox/value';
import { KerbsideError } from '../device-profiles/vocabulary/index.ts';

/** What a page refers to, as file names in `dir`. */
const Files = Type.Object({
  css: Type.String(),
  forms: Type.String(),
  wide: Type.String(),
  chartsCss: Type.String(),
  js: Type.String(),
  charts: Type.String(),
  plot: Type.String(),
  field: Type.String(),
  scan: Type.String(),
  qr: Type.String(),
  icon: Type.String(),
  mapOpen: Type.String(),
  map: Type.String(),
  mapWorker: Type.String(),
  wall: Type.String(),
});
const Manifest = Type.Object({ sources: Type.String(), files: Files });

/** The style sheets, the script and the icon of the pages, built. */
export interface Assets {
  readonly dir: string;
  readonly files: Static<typeof Files>;
}

const sourceDir = join(import.meta.dirname, 'browser');
const require = createRequire(import.meta.url);
/** Packages whose code ends up in what browsers load, and those that put it there. */
const bundled = ['govuk-frontend', 'socket.io-client', 'morphdom', 'maplibre-gl', 'pmtiles', 'jsqr', 'uplot'] as const;
/** What both the server and the browser draw with. */
const shared = ['../map/mercator.ts', '../map/graticule.ts', '../map/cluster.ts'] as const;
const builders = ['sass', 'esbuild'] as const;

/**
 * Builds the browser's files when they are absent or other than their sources, in about two seconds; else answers at
 * once. Two processes that start together build the same files, and each file appears whole or not at all. Where the
 * tools are not installed, what was built before is taken as it is.
 * @throws KerbsideError (`pages-unbuilt`) where nothing was built and the tools for it are not installed.
 */
export const ensureBuilt = async (dir = join(sourceDir, 'dist')): Promise<Assets> => {
  const built = await readBuilt(dir);
  const canBuild = [...bundled, ...builders].every(isInstalled);
  if (built !== undefined && !canBuild) return { dir, files: built.files };
  if (!canBuild) {
    throw new KerbsideError(
      'pages-unbuilt',
      'the files of the pages must be built, and the packages for it are not installed: run "npm ci" without ' +
        'omitting development packages, or copy dashboard/browser/dist from where it was built',
    );
  }
  const sources = await fingerprint();
  if (built?.sources === sources) return { dir, files: built.files };
  await mkdir(dir, { recursive: true });
  const { css, forms, wide, chartsCss, script } = await compile();
  const put = putInto(dir);
  const files = {
    css: await put('page', 'css', css),
    forms: await put('forms', 'css', forms),
    wide: await put('wide', 'css', wide),
    chartsCss: await put('charts', 'css', chartsCss),
    js: await put('live', 'js', await script('live.ts')),
    charts: await put('charts', 'js', await script('charts.ts')),
    plot: await put('plot', 'js', await script('plot.ts')),
    field: await put('field', 'js', await script('field.ts')),
    scan: await put('scan', 'js', await script('scan.ts')),
    qr: await put('qr', 'js', await script('qr.ts')),
    icon: await put('icon', 'svg', await readFile(join(sourceDir, 'icon.svg'))),
    mapOpen: await put('map-open', 'js', await script('map-open.ts')),
    map: await put('map', 'js', await script('map.ts')),
    // MapLibre's worker is a file of its own: made from a blob, the content security policy would not let it run.
    mapWorker: await put(
      'map-worker',
      'js',
      await readFile(require.resolve('maplibre-gl/dist/maplibre-gl-worker.mjs')),
    ),
    wall: await put('wall', 'js', await script('wall.ts')),
  };
  await place(join(dir, 'manifest.json'), JSON.stringify({ sources, files } satisfies Static<typeof Manifest>));
  return { dir, files };
};

const isInstalled = (name: string): boolean => {
  try {
    fileIn(name);
    return true;
  } catch {
    return false;
  }
};

/** Some file of a package: its entry, or of one that is only for `import` its package.json. */
const fileIn = (name: string): string => {
  try {
    return require.resolve(name);
  } catch {
    return require.resolve(`${name}/package.json`);
  }
};

/** A hash over everything that the result depends on. */
const fingerprint = async (): Promise<string> => {
  const hash = createHash('sha256');
  const names = (await readdir(sourceDir)).filter((name) => /\.(ts|scss|svg)$/.test(name)).sort();
  for (const name of [...names, ...shared]) hash.update(name).update(await readFile(join(sourceDir, name)));
  hash.update(await readFile(import.meta.filename));
  for (const name of bundled) hash.update(await readFile(packageFile(name)));
  return hash.digest('hex').slice(0, 16);
};

/** A package's own package.json, which names its version; found from its entry, because not each package exports it. */
const packageFile = (name: string): string => {
  const entry = fileIn(name);
  return `${entry.slice(0, entry.lastIndexOf(join('node_modules', name)))}${join('node_modules', name, 'package.json')}`;
};

/** The folder that holds govuk-frontend, for style sheets and templates. */
export const packagesDir = (): string => dirname(dirname(packageFile('govuk-frontend')));

/** What was built before, if all of it is there. */
const readBuilt = async (dir: string): Promise<Static<typeof Manifest> | undefined> => {
  try {
    const parsed: unknown = JSON.parse(await readFile(join(dir, 'manifest.json'), 'utf8'));
    if (!Check(Manifest, parsed)) return undefined;
    for (const name of Object.values(parsed.files))
      await Promise.all([access(join(dir, name)), access(join(dir, `${name}.gz`))]);
    return parsed;
  } catch {
    // Absent or unreadable: then it is built.
    return undefined;
  }
};

interface Compiled {
  readonly css: string;
  readonly forms: string;
  readonly wide: string;
  readonly chartsCss: string;
  /** One script with all that it imports. */
  readonly script: (entry: string) => Promise<Uint8Array>;
}

const compile = async (): Promise<Compiled> => {
  // Only now: a server whose files are built starts without them.
  const [sass, esbuild] = await Promise.all([import('sass'), import('esbuild')]);
  const style = (name: string): string =>
    sass.compile(join(sourceDir, name), { style: 'compressed', loadPaths: [packagesDir()], quietDeps: true }).css;
  const script = async (entry: string): Promise<Uint8Array> => {
    const { outputFiles } = await esbuild.build({
      entryPoints: [join(sourceDir, entry)],
      bundle: true,
      minify: true,
      format: 'esm',
      target: ['es2022'],
      legalComments: 'inline',
      write: false,
    });
    const [output] = outputFiles;
    if (output === undefined) throw new TypeError('a bundle has one file');
    return output.contents;
  };
  return {
    css: style('page.scss'),
    forms: style('forms.scss'),
    wide: style('wide.scss'),
    chartsCss: style('charts.scss'),
    script,
  };
};

const gzipped = promisify(gzip);

/** Writes files under names that change with their content, each also as a phone in the rain wants it. */
const putInto =
  (dir: string) =>
  async (stem: string, extension: string, content: string | Uint8Array): Promise<string> => {
    const name = `${stem}-${createHash('sha256').update(content).digest('hex').slice(0, 12)}.${extension}`;
    await place(join(dir, name), content);
    await place(join(dir, `${name}.gz`), await gzipped(content, { level: 9 }));
    return name;
  };

const place = async (file: string, content: string | Uint8Array): Promise<void> => {
  const part = `${file}.${process.pid}-${randomUUID()}.part`;
  await writeFile(part, content);
  await rename(part, file);
};
