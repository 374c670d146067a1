import { afterAll, describe, expect, it } from 'vitest';
import { openSandbox } from '../../device-profiles/codec/sandbox.ts';
import { instant } from '../../device-profiles/vocabulary/index.ts';

const sandbox = await openSandbox({ threads: 1 });
afterAll(() => sandbox.close());

const decode = async (answer: string, before = '') => {
  const warned = [{ warnings: ['not yet'] }];
  const codec = sandbox.codec(`${before}; function decodeUplink(input) { return ${answer}; }`);
  const [rows] = await codec.decodeUplink([{ bytes: Uint8Array.of(1), recvTime: instant(0) }], warned);
  return { rows, warnings: warned[0]?.warnings };
};

describe('what a codec warns of', () => {
  it.each([
    [
      'texts, in their order',
      '{ data: { x: 1 }, warnings: ["low battery", "old firmware"] }',
      ['low battery', 'old firmware'],
    ],
    ['no list', '{ data: { x: 1 }, warnings: "low" }', []],
    ['an empty list', '{ data: { x: 1 }, warnings: [] }', []],
    ['what is no text', '{ data: { x: 1 }, warnings: [1, null, { toJSON() { return "x"; } }, "text"] }', ['text']],
    [
      'more than anybody reads',
      '{ data: { x: 1 }, warnings: Array(100).fill("w") }',
      Array.from({ length: 8 }, () => 'w'),
    ],
    ['a text without an end', '{ data: { x: 1 }, warnings: ["y".repeat(100000)] }', ['y'.repeat(200)]],
    ['ends of lines and quotes', '{ data: { x: 1 }, warnings: ["a\\n=\\"b", "~"] }', ['a ="b', '~']],
    ['a list behind a proxy', '{ data: { x: 1 }, warnings: new Proxy(["x"], {}) }', []],
  ])('may be %s, and the data stays what it is', async (_, answer, warnings) => {
    expect(await decode(answer)).toEqual({ rows: [{ x: 1 }], warnings });
  });

  it("runs nothing of the codec's: a getter in the list is passed over, one in its place is refused", async () => {
    const inside = 'var list = ["x"]; Object.defineProperty(list, 0, { get: function () { for (;;) {} } })';
    expect(await decode('{ data: { x: 1 }, warnings: list }', inside)).toEqual({ rows: [{ x: 1 }], warnings: [] });
    const getter = await decode('{ data: { x: 1 }, get warnings() { return ["x"]; } }');
    expect(getter).toMatchObject({ rows: { reason: 'codec-output' }, warnings: [] });
  });

  it('is not kept from one frame to the next', async () => {
    const warned = [{ warnings: [] }, { warnings: [] }, { warnings: [] }];
    const codec = sandbox.codec(
      'function decodeUplink(i) { return i.bytes[0] === 1 ? { data: { x: 1 }, warnings: ["one"] } : i.bytes[0] === 2 ? { errors: ["no"], warnings: ["two"] } : { data: { x: 3 } }; }',
    );
    await codec.decodeUplink(
      [1, 2, 3].map((byte) => ({ bytes: Uint8Array.of(byte), recvTime: instant(0) })),
      warned,
    );
    expect(warned.map(({ warnings }) => warnings)).toEqual([['one'], [], []]);
  });
});
