import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { devEui, instant, uplinkId, type Connector, type Instant } from '../../device-profiles/vocabulary/index.ts';
import { clockWords } from '../../dashboard/uk-time.ts';
import { openHouse, until, type House } from './house.ts';

const MINUTE = 60_000;
const quiet = 'aa555a0000000101';
const roof = 'aa555a0000000102';

describe('the page of a radio gateway', () => {
  let house: House;
  let said = 0;
  const hear = async (gateway: string, connector: Connector, at: Instant): Promise<void> => {
    said += 1;
    await house.journal.append([
      {
        id: uplinkId(`u${said}`.padEnd(22, '0')),
        redelivered: false,
        connector,
        device: { by: 'devEui', value: devEui('70b3d57ed0000001') },
        receivedAt: at,
        payload: new Uint8Array(7),
        lorawan: {
          fPort: 1,
          fCnt: said,
          session: '01020304',
          frequency: 868_100_000,
          receptions: [{ gateway, rssi: -90, snr: 5 }],
        },
      },
    ]);
    await until(() => house.journal.stats().backlog === 0);
  };
  /** The words of a page without its tags. */
  const see = async (path: string): Promise<string> =>
    (await house.ask(path, { accept: 'text/html' })).text.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');
  const channelsOf = async (where: House): Promise<{ channels?: unknown; channelsFrom?: unknown }> => {
    const { json } = await where.ask(`/api/v1/gateways/${roof}`);
    return typeof json === 'object' && json !== null ? json : {};
  };
  const before = (ms: number): Instant => instant(house.now() - ms);
  const clock = (at: Instant): string => clockWords(at, house.now());

  beforeAll(async () => {
    house = await openHouse();
    await house.registry.addDevice({ id: 'abp-1', profile: 'decentlab/dl-pm', devEui: '70b3d57ed0000001' });
  });
  afterAll(() => house.close());

  test('a gateway of which no channel was counted yet says since when, and why not for an hour', async () => {
    const began = house.now();
    house.radio.tell({
      kind: 'stats',
      gateway: quiet,
      connector: 'chirpstack-mqtt',
      at: began,
      received: 9,
      receivedOk: 9,
    });
    await until(async () => (await see('/gateways')).includes(quiet));
    await expect
      .poll(() => see(`/gateways/${quiet}`), { timeout: 10_000 })
      .toContain(`Counted since ${clock(began)}, when it was first heard of: nothing since then.`);
    house.setNow(instant(began + 61 * MINUTE));
    await expect
      .poll(() => see(`/gateways/${quiet}`), { timeout: 10_000 })
      .toContain('Nothing was heard in the last hour.');
    expect(await see(`/gateways/${quiet}`)).not.toContain('Counted since');
    house.setNow(began);
  });

  test('after a restart they are counted since then, and the page says so, with channels and without', async () => {
    const began = house.now();
    const again = await openHouse({
      prepare: async ({ registry }) => {
        const facts = {
          gateway: roof,
          connector: 'semtech-udp',
          firstAt: instant(began - 99 * MINUTE),
          heardAt: instant(began - 9 * MINUTE),
          seq: 0,
        } as const;
        await registry.keepRadio({ gateways: [facts] });
        await registry.addDevice({ id: 'abp-1', profile: 'decentlab/dl-pm', devEui: '70b3d57ed0000001' });
      },
    });
    const words = async (): Promise<string> =>
      (await again.ask(`/gateways/${roof}`, { accept: 'text/html' })).text
        .replaceAll(/<[^>]*>/g, ' ')
        .replaceAll(/\s+/g, ' ');
    try {
      const { channels, channelsFrom } = await channelsOf(again);
      expect(channels).toEqual([]);
      const from = instant(Date.parse(String(channelsFrom)));
      expect([from >= began, from <= again.now()]).toEqual([true, true]);
      const start = `Counted since ${clock(from)}, when the server started`;
      await expect.poll(words, { timeout: 10_000 }).toContain(`${start}: nothing since then.`);
      again.radio.tell({
        kind: 'frame',
        gateway: roof,
        connector: 'semtech-udp',
        at: again.now(),
        checksum: 'ok',
        frequency: 868_100_000,
        airtimeMs: 50,
      });
      await expect.poll(words, { timeout: 10_000 }).toContain(`${start}.`);
      again.setNow(instant(began + 70 * MINUTE));
      again.radio.tell({
        kind: 'frame',
        gateway: roof,
        connector: 'semtech-udp',
        at: again.now(),
        checksum: 'ok',
        frequency: 868_100_000,
        airtimeMs: 50,
      });
      await expect.poll(words, { timeout: 10_000 }).not.toContain('Counted since');
      expect(await words()).toContain('868.100 MHz');
    } finally {
      await again.close();
    }
  });

  test('it says whether its network server has it connected, and when that was said', async () => {
    const at = before(3 * MINUTE);
    expect(await see(`/gateways/${quiet}`)).not.toContain('Connected');
    house.radio.tell({ kind: 'connection', gateway: quiet, connector: 'chirpstack-mqtt', at, online: true });
    await expect
      .poll(() => see(`/gateways/${quiet}`), { timeout: 10_000 })
      .toContain(`Connected to its network server yes, as that said at ${clock(at)}`);
    const cut = house.now();
    house.radio.tell({ kind: 'connection', gateway: quiet, connector: 'chirpstack-mqtt', at: cut, online: false });
    await expect
      .poll(() => see(`/gateways/${quiet}`), { timeout: 10_000 })
      .toContain(`Connected to its network server no, as that said at ${clock(cut)}`);
  });

  test('every door by which it was heard of lately is named, not only the last', async () => {
    await hear(quiet, 'network-server', before(MINUTE));
    await expect
      .poll(() => see(`/gateways/${quiet}`), { timeout: 10_000 })
      .toContain('Heard of by ChirpStack, by MQTT; an operator&#39;s network server');
    const { json } = await house.ask(`/api/v1/gateways/${quiet}`);
    expect(json).toMatchObject({ connectors: ['chirpstack-mqtt', 'network-server'] });
  });

  test('what is known of when it is due is not rounded away, and that it was never heard stands there once', async () => {
    const often = 'aa555a0000000103';
    await hear(often, 'network-server', before(20 * MINUTE));
    await expect
      .poll(() => see(`/gateways/${often}`), { timeout: 10_000 })
      .toContain('Expected every 15 minutes; late after 1 hour 30 minutes');
    const planned = 'aa555a0000000104';
    house.radio.tell({
      kind: 'gateway',
      gateway: planned,
      connector: 'tts-mqtt',
      at: before(MINUTE),
      name: 'To be put up',
    });
    await expect.poll(() => see(`/gateways/${planned}`), { timeout: 10_000 }).toContain('Never heard');
    expect((await see(`/gateways/${planned}`)).match(/Never heard/g)).toHaveLength(1);
  });

  test('on a narrow screen each line of a row says what it is, the last one too', async () => {
    const rows = async (path: string) =>
      [...(await house.ask(path, { accept: 'text/html' })).text.matchAll(/<tr role="row"[^>]*kb-row.*?<\/tr>/gs)].map(
        ([row]) => row,
      );
    let lines = 0;
    for (const [path, label] of [
      ['/gateways', 'Last heard: '],
      [`/gateways/${quiet}`, 'Last heard by it: '],
    ] as const) {
      const [row = ''] = await rows(path);
      const cells = [...row.matchAll(/<td.*?<\/td>/gs)].map(([cell]) => cell);
      lines += cells.length;
      expect(cells.at(-1)).toContain(`<span class="kb-narrow">${label}</span>`);
    }
    expect(lines).toBeGreaterThan(8);
  });

  test('a sensor that has no name but its id stands there once', async () => {
    await expect.poll(() => see(`/gateways/${quiet}`), { timeout: 10_000 }).toContain('abp-1');
    const page = await see(`/gateways/${quiet}`);
    expect(page.match(/abp-1/g)).toHaveLength(1);
    expect(page).toContain('Frames received are all that its radio received, whoever sent them');
  });
});
