import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { instant } from '../../device-profiles/vocabulary/index.ts';
import { MINUTE, profileWith, START, World, type Message } from './world.ts';

const old = profileWith({ version: 'old', minutesOff: 0, fields: { n: ['no2', 1] } });
const mended = profileWith({ version: 'new', minutesOff: 0, fields: { n: ['no2', 2] } });
const worlds: World[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});
const worldOf = (): World => {
  const world = new World(old);
  worlds.push(world);
  return world;
};
const at = (slot: number, n: number): Message => ({ device: 's-1', minute: slot * 10, values: { n } });
/** What a store has that was told all of it in order, up to a slot by the mended codec. */
const inOrder = async (
  messages: readonly Message[],
  mendedFor: (message: Message) => boolean,
): Promise<readonly string[]> => {
  const world = worldOf();
  for (const one of messages.toSorted((a, b) => a.minute - b.minute)) {
    world.profile = mendedFor(one) ? mended : old;
    world.append([one]);
    await world.ingest();
  }
  return world.lines();
};
const ten = { chunkMs: { first: 10 * MINUTE, least: 10 * MINUTE, most: 10 * MINUTE } };

test('a value that comes between two parts of a run, just after its end, spoils no verdict of the part before', async () => {
  const said = [at(0, 150), at(1, 12), at(2, 150), at(4, 12), at(5, 12)];
  const late = at(3, 12);
  const shall = await inOrder([...said, late], ({ minute }) => minute <= 30);
  expect(shall).toContain('s-1 10 no2 24 12 3 spike');
  let interruptions = 0;
  // Wherever it comes.
  for (let nth = 1; nth <= 12; nth += 1) {
    const world = worldOf();
    world.append(said);
    await world.ingest();
    world.profile = mended;
    let writes = 0;
    let coming: Promise<void> | undefined;
    world.before = async (operation, by) => {
      if (by !== 'run' || operation !== 'write' || (writes += 1) !== nth) return;
      interruptions += 1;
      world.append([late]);
      coming = world.ingest();
    };
    await world.reprocess({ to: instant(START + 30 * MINUTE) }, ten);
    world.before = async () => {};
    if (coming === undefined) {
      world.append([late]);
      await world.ingest();
    }
    await coming;
    expect(await world.lines(), `coming at write ${nth}`).toEqual(shall);
  }
  expect(interruptions).toBeGreaterThan(3);
});

test('a run waits for what was judged and is not stored yet, also where no journal says that it is on its way', async () => {
  const said = [at(0, 12), at(1, 150), at(3, 12)];
  const pending = at(2, 12);
  const world = worldOf();
  world.append(said);
  await world.ingest();
  world.profile = mended;
  const stored = await world.redrive(pending);
  let done = false;
  const run = world.reprocess({ to: instant(START + 20 * MINUTE) }, ten).then(() => (done = true));
  // Time enough for a run that does not wait.
  await sleep(300);
  expect(done).toBe(false);
  await stored();
  await run;
  expect(await world.lines()).toEqual(await inOrder([...said, pending], ({ minute }) => minute <= 20));
});

test('what waits for ingest when a part is looked at is not counted as new: the run waits until ingest has stored it', async () => {
  for (const dryRun of [true, false]) {
    const world = worldOf();
    world.append([at(0, 12), at(1, 12)]);
    await world.ingest();
    let waits = false;
    // It comes after the journal was read for the run, and before anything is judged.
    world.before = async (_operation, by) => {
      if (by !== 'run' || waits) return;
      waits = true;
      world.append([at(2, 12)]);
    };
    let result: Awaited<ReturnType<World['reprocess']>> | undefined;
    const running = world.reprocess({ dryRun }).then((found) => (result = found));
    // Long enough for a run that does not wait to be over.
    await Promise.race([running, sleep(500)]);
    expect([waits, result]).toEqual([true, undefined]);
    await world.ingest();
    expect(await running).toMatchObject({ quantities: [{ quantity: 'no2', same: 3, added: 0 }] });
  }
});
