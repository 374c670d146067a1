import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSandbox, type Frame, type Sandbox } from '../../device-profiles/codec/sandbox.ts';
import { instant } from '../../device-profiles/vocabulary/index.ts';

const folder = join(import.meta.dirname, 'hostile-codecs');

/** What is said of each codec that is refused, for every frame, by its reason. */
const refused = {
  'codec-timeout': {
    'deaf-join': 'killed: it did not stop when it was told to',
    'deaf-loading': 'killed: it did not stop when it was told to',
    'deaf-search': 'killed: it did not stop when it was told to',
    'endless-getter-for-the-function': 'stopped after 250 ms',
    'endless-in-a-proxy-trap': 'stopped after 50 ms',
    'endless-in-a-to-string': 'stopped after 50 ms',
    'endless-in-a-value-of': 'stopped after 50 ms',
    'endless-in-an-error-list': 'stopped after 50 ms',
    'endless-loading': 'stopped after 250 ms',
    'endless-loop': 'stopped after 50 ms',
    'endless-loop-in-a-finally': 'stopped after 50 ms',
    'endless-loop-that-catches': 'stopped after 50 ms',
    'endless-regular-expression': 'stopped after 50 ms',
    'endless-sort': 'stopped after 50 ms',
  },
  'codec-memory': {
    'claims-to-be-out-of-memory': 'wanted more than 16 MB',
    'deep-json': 'wanted more than 128 KB of stack',
    'deep-program': 'wanted more than 128 KB of stack',
    'deep-recursion': 'wanted more than 128 KB of stack',
    'deep-recursion-of-a-getter': 'wanted more than 128 KB of stack',
    'endless-generator': 'wanted more than 16 MB',
    'memory-by-arrays': 'wanted more than 16 MB',
    'memory-by-buffers': 'wanted more than 16 MB',
    'memory-by-catching': 'wanted more than 16 MB',
    'memory-by-objects': 'wanted more than 16 MB',
    'memory-by-one-buffer': 'wanted more than 16 MB',
    'memory-by-repeat': 'wanted more than 16 MB',
    'memory-by-strings': 'wanted more than 16 MB',
    'memory-while-loading': 'wanted more than 16 MB',
  },
  'codec-output': {
    'async-decode': 'decodeUplink returned a promise',
    'async-function': 'decodeUplink returned a promise',
    'big-int': 'data.a is a bigint',
    'boxed-number': 'data.a is an instance of a class',
    'bushy-result': 'the answer has more than 16384 characters',
    'class-instance': 'data.air is an instance of a class',
    cycle: 'data.a.b.a.b.a.b.a.b is nested deeper than 8 levels',
    'cycle-of-lists': 'data.list[0][0][0][0][0][0][0] is nested deeper than 8 levels',
    'date-in-the-result': 'data.at is an instance of a class',
    'deep-result': 'data.e.e.e.e.e.e.e.e is nested deeper than 8 levels',
    'function-in-the-result': 'data.a is a function',
    'generator-function': 'decodeUplink returned an instance of a class',
    'getter-for-the-data': 'data is a getter',
    'getter-in-the-result': 'data.air.t is a getter',
    'huge-list': 'the answer has more than 16384 characters',
    'huge-result': 'the answer has more than 16384 characters',
    infinity: 'data.deep[0].a is -Infinity',
    'list-of-numbers': 'data is neither an object nor an array of objects',
    'many-keys': 'the answer has more than 16384 characters',
    'map-in-the-result': 'data.a is an instance of a class',
    'no-function': 'there is no function decodeUplink, Decoder or Decode',
    'not-a-number': 'data.air.t is NaN',
    nothing: 'decodeUplink returned no object',
    number: 'decodeUplink returned no object',
    'pollutes-reflection': 'data.at is a proxy',
    'proto-for-a-key': 'data.a.__proto__ is a key that nobody may have',
    'proxy-for-the-data': 'data is a proxy',
    'proxy-for-the-result': 'decodeUplink returned a proxy',
    'proxy-in-a-list': 'data[1] is a proxy',
    'revocable-proxy': 'data.a is a proxy',
    symbol: 'data.a is a symbol',
    'symbol-for-a-key': 'data has a symbol for a key',
    'to-json-in-the-result': 'data.toJSON is a function',
    'typed-array-in-the-result': 'data.a is an instance of a class',
  },
  'codec-error': {
    'errors-with-a-cycle': '[object Object]',
    'escape-by-fetch': "ReferenceError: 'fetch' is not defined",
    'escape-by-import': "SyntaxError: expecting '('",
    'escape-by-require': "ReferenceError: 'require' is not defined",
    'forged-answer': '={"forged":1}',
    'forged-fault': '[object Object]',
    'forged-throw': '={"forged":1}',
    'throws-a-cycle': 'Error: round and round',
    'throws-a-novel': `Error: ${'x'.repeat(193)}`,
    'throws-a-proxy': 'proxy',
    'throws-a-symbol': 'Symbol(secret)',
    'throws-escape-codes': 'Error:  [31mred 2026-01-01 forged log line',
    'throws-null': 'null',
    'throws-what-cannot-be-told': 'Error: ',
  },
} as const;

const every = (row: Readonly<Record<string, unknown>>) => [[row], [row], [row]];
const killed = { reason: 'codec-timeout', detail: 'killed: it did not stop when it was told to' };

/** What those answer that harm nobody, or not with each frame. */
const answered: Readonly<Record<string, readonly unknown[]>> = {
  'escape-by-caller': every({ caller: 'undefined' }),
  'escape-by-constructor': every({ a: 'undefined', b: 'undefined' }),
  'escape-by-dynamic-import': every({ got: 'nothing' }),
  'escape-by-eval': every({ a: 'undefined', b: 'undefined', sum: 3 }),
  'escape-by-memory': every({ isArray: true, buffer: 'undefined' }),
  'escape-by-names': every({ found: '' }),
  'escape-by-prepare-stack-trace': every({ a: 'string' }),
  'escape-by-stack': every({ host: false }),
  'freezes-globals': [[{ sum: 3 }], [{ sum: 4 }], [{ sum: 5 }]],
  'getter-for-the-function': every({ asked: true }),
  'hoards-promises': every({ a: 1 }),
  'listens-for-the-length': [1, 2, 3].map((first) => [{ heard: 0, first }]),
  'pollutes-array': [[{ b: 1 }], [{ b: 2 }], [{ b: 3 }]],
  'pollutes-array-to-json': every({ b: 1 }),
  'pollutes-date': every({ now: 1, received: 1768464000000 }),
  'pollutes-function': every({ b: 3 }),
  'pollutes-json': every({ b: 1 }),
  'pollutes-object': every({ b: 1 }),
  'pollutes-object-quietly': every({ b: 1 }),
  'redefines-itself': every({ first: true }),
  'replaces-globals': [[{ sum: 3 }], [{ sum: 4 }], [{ sum: 5 }]],
  'setter-on-object': every({ heard: 0 }),
  // Nothing of ours ran into its traps.
  'deaf-setters': [1, 2, 3].map((first) => [{ b: first }]),
  // The frame that hangs is lost; the one beside it is not.
  'deaf-on-odd-frames': [killed, [{ first: 2 }], killed],
  // The frame after that gets a new memory.
  'hoards-memory': [[{ kept: true }], [{ kept: true }], { reason: 'codec-memory', detail: 'wanted more than 16 MB' }],
};

const frames: readonly Frame[] = [1, 2, 3].map((first) => ({
  bytes: Uint8Array.of(first, 2, 3),
  fPort: 5,
  recvTime: instant(1_768_464_000_000),
}));

const expected = new Map<string, readonly unknown[]>(Object.entries(answered));
for (const [reason, codecs] of Object.entries(refused))
  for (const [name, detail] of Object.entries(codecs))
    expected.set(
      name,
      frames.map(() => ({ reason, detail })),
    );

// One thread, so that the honest codec shares it with each of the others.
let sandbox: Sandbox;
let beating: NodeJS.Timeout;
let ticks = 0;
const before = process.memoryUsage().rss;
beforeAll(async () => {
  sandbox = await openSandbox({ threads: 1 });
  beating = setInterval(() => {
    ticks += 1;
  }, 1);
});
afterAll(async () => {
  clearInterval(beating);
  await sandbox.close();
});

describe('a hostile codec is stopped, and nothing else is harmed', () => {
  const files = readdirSync(folder).map((file) => basename(file, '.js'));

  it('each of the folder is expected to do something, and nobody else', () => {
    expect(files.length).toBeGreaterThan(90);
    expect(files.toSorted()).toEqual([...expected.keys()].toSorted());
  });

  it.each(files)('%s', async (name) => {
    const codec = sandbox.codec(readFileSync(join(folder, `${name}.js`), 'utf8'));
    const honest = sandbox.codec(
      'function decodeUplink(input) { return { data: { sum: input.bytes[0] + input.bytes[1] + input.bytes[2], port: input.fPort } }; }',
    );
    const sums = [[{ sum: 6, port: 5 }], [{ sum: 7, port: 5 }], [{ sum: 8, port: 5 }]];
    const since = ticks;
    expect(await honest.decodeUplink(frames)).toEqual(sums);
    const [said, meanwhile] = await Promise.all([codec.decodeUplink(frames), honest.decodeUplink(frames)]);
    expect(said).toEqual(expected.get(name));
    expect(meanwhile).toEqual(sums);
    expect(await honest.decodeUplink(frames)).toEqual(sums);
    // Whatever takes its time takes it from its own thread: the server's went on all the while.
    const stopped = said.some((one) => 'reason' in one && one.reason === 'codec-timeout');
    expect(!stopped || ticks > since).toBe(true);
  });

  it('and the server neither stood still nor grew', () => {
    expect(ticks).toBeGreaterThan(100);
    expect(process.memoryUsage().rss - before).toBeLessThan(300 * 1024 * 1024);
    for (const key of ['a', 'polluted', 'toJSON', 'heard']) expect(key in {} || key in []).toBe(false);
  });
});

describe('a codec that is never stopped, and takes its time all the same', () => {
  const BUDGET_MS = 200;
  const many: readonly Frame[] = Array.from({ length: 600 }, (_, n) => ({
    bytes: Uint8Array.of(n & 255),
    fPort: 5,
    recvTime: instant(1_768_464_000_000),
  }));
  const aside = { reason: 'codec-timeout', detail: 'set aside for up to a minute: it has cost too much time' };
  const looping = (steps: number): string => `var s = 0; for (var i = 0; i < ${steps}; i++) s = (s * 31 + i) | 0;`;
  // Neither is stopped even where a busy machine makes it take three times as long.
  const [loop, loopOnLoading] = [looping(100_000), looping(800_000)];
  /** What it answers for many frames, one ask after the other; an honest codec of the same thread is asked afterwards. */
  const answers = async (source: string): Promise<readonly unknown[]> => {
    const strict = await openSandbox({ threads: 1, overrunMsPerMinute: BUDGET_MS });
    try {
      const codec = strict.codec(source);
      const said = [...(await codec.decodeUplink(many.slice(0, 300))), ...(await codec.decodeUplink(many.slice(300)))];
      const honest = strict.codec('function decodeUplink(input) { return { data: { first: input.bytes[0] } }; }');
      expect(await honest.decodeUplink(many)).toEqual(many.map(({ bytes: [first] }) => [{ first }]));
      return said;
    } finally {
      await strict.close();
    }
  };

  it.each([
    [
      'by loading and throwing',
      `${loopOnLoading} function decodeUplink(input) { throw 1; }`,
      { reason: 'codec-error', detail: '1' },
    ],
    ['before it throws', `function decodeUplink() { ${loop} throw 1; }`, { reason: 'codec-error', detail: '1' }],
    [
      'before it refuses',
      `function decodeUplink() { ${loop} return { errors: ['no'] }; }`,
      { reason: 'codec-error', detail: 'no' },
    ],
    ['before it answers', `function decodeUplink() { ${loop} return { data: { a: 1 } }; }`, [{ a: 1 }]],
  ])('%s, is set aside', async (_, source, own) => {
    const said = await answers(source);
    const tried = said.findIndex((one) => JSON.stringify(one) === JSON.stringify(aside));
    expect(tried).toBeGreaterThan(0);
    expect(said).toEqual(many.map((__, n) => (n < tried ? own : aside)));
  });

  it('by loading in vain, is set aside, whatever each ask costs', async () => {
    const strict = await openSandbox({ threads: 1, overrunMsPerMinute: BUDGET_MS });
    const codec = strict.codec(`${loopOnLoading} throw 1; function decodeUplink() {}`);
    const said: unknown[] = [];
    for (let ask = 0; ask < 120; ask += 1) said.push(...(await codec.decodeUplink(frames)));
    expect(said[0]).toEqual({ reason: 'codec-error', detail: '1' });
    expect(said.at(-1)).toEqual(aside);
    await strict.close();
  });

  it('is told from one that is quick and throws at what it does not know, which never is', async () => {
    const said = await answers(
      'function decodeUplink(input) { if (input.bytes[0] % 2 === 1) throw 1; return { data: { a: 1 } }; }',
    );
    expect(said).toEqual(many.map((_, n) => (n % 2 === 1 ? { reason: 'codec-error', detail: '1' } : [{ a: 1 }])));
  });
});
