import { expect, it, vi } from 'vitest';
import { needs } from '../../servers/index.ts';
import { event, openHook, openMqtt, openNetwork, openStreet, patiently, type Street } from './ground.ts';

const handled = async ({ metrics }: Street): Promise<{ readonly received: number; readonly duplicates: number }> => {
  const sum = (values: readonly { readonly value: number }[]): number =>
    values.reduce((all, { value }) => all + value, 0);
  const outcomes = (await metrics.uplinks.get()).values;
  return {
    received: sum((await metrics.received.get()).values),
    duplicates: sum(outcomes.filter(({ labels }) => labels.outcome === 'duplicate')),
  };
};

needs('mosquitto')('one frame is one uplink', () => {
  it('by MQTT and by HTTP, under another deduplicationId, and replayed later', async () => {
    const street = await openStreet();
    const network = await openNetwork();
    await openMqtt(street, network.mosquitto.url);
    const { post } = await openHook(street);
    await network.event('up', event('up-all-fields', { fCnt: 7 }));
    await vi.waitFor(async () => expect(await street.kept()).toHaveLength(1), patiently);
    await post('up', JSON.stringify(event('up-all-fields', { fCnt: 7 })));
    await network.event(
      'up',
      event('up-all-fields', { fCnt: 7, deduplicationId: 'another', time: '2022-07-18T10:00:00Z' }),
    );
    await network.event('up', event('up-all-fields', { fCnt: 8 }));
    await network.event('up', event('up-all-fields', { fCnt: 7 }));
    await network.event('up', event('up-all-fields', { fCnt: 9 }));
    await vi.waitFor(async () => expect(await street.kept()).toHaveLength(3), patiently);
    expect((await street.kept()).map(({ lorawan }) => lorawan?.fCnt)).toEqual([7, 8, 9]);
    expect(await handled(street)).toEqual({ received: 6, duplicates: 3 });
  });

  it('but a counter that begins again in a new session, another payload or another device is another', async () => {
    const street = await openStreet();
    const { post } = await openHook(street);
    const other = { devEui: '0202020202020202' };
    for (const changes of [{}, { devAddr: '00189441' }, { data: 'qw==' }, { fPort: 2 }, { deviceInfo: other }])
      expect((await post('up', JSON.stringify(event('up-all-fields', changes)))).status).toBe(202);
    expect(await street.kept()).toHaveLength(5);
    expect(await handled(street)).toEqual({ received: 5, duplicates: 0 });
  });
});
