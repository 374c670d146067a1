import { setImmediate as breath, setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Uplink } from '../../device-profiles/vocabulary/index.ts';
import { GroupCommit } from '../../infra/journal/group-commit.ts';
import { RecentIds } from '../../infra/journal/recent-ids.ts';
import { again, anUplink, uplinks } from './street.ts';

/** Groups whose commits are written down, and fail when they are told to. */
const grouping = (groupMs: number) => {
  const commits: (readonly Uplink[])[] = [];
  const disk = { broken: false };
  const commit = (group: readonly Uplink[]) => {
    if (disk.broken) throw new Error('no');
    commits.push(group);
  };
  return { groups: new GroupCommit({ groupMs, recent: new RecentIds(10_000), commit }), commits, disk };
};

test('a hundred senders who come within the same few milliseconds share one commit', async () => {
  const { groups, commits } = grouping(20);
  const answers = uplinks(1, 50).map((uplink) => groups.append([uplink]));
  await pause(5);
  answers.push(...uplinks(51, 100).map((uplink) => groups.append([uplink])));
  expect(commits).toHaveLength(0);
  expect(new Set((await Promise.all(answers)).flat())).toEqual(new Set(['appended']));
  expect(commits).toEqual([uplinks(1, 100)]);
});

test('a group that is large enough waits no longer for others', async () => {
  const { groups, commits } = grouping(20_000);
  const began = performance.now();
  await Promise.all(uplinks(1, 512).map((uplink) => groups.append([uplink])));
  expect(commits).toHaveLength(1);
  const heavy = uplinks(1, 5).map((uplink) => ({ ...uplink, payload: new Uint8Array(1_048_576) }));
  await groups.append(heavy);
  expect(commits.map((group) => group.length)).toEqual([512, 5]);
  expect(performance.now() - began).toBeLessThan(10_000);
});

test('without a waiting time, what arrives in one turn of the event loop is one commit', async () => {
  const { groups, commits } = grouping(0);
  const answers = uplinks(1, 10).map((uplink) => groups.append([uplink]));
  await breath();
  await Promise.all(answers);
  await groups.append([anUplink(11)]);
  expect(commits.map((group) => group.length)).toEqual([10, 1]);
});

test('a repeat of what waits in the same group joins it, and a repeat of what is on disk needs no commit', async () => {
  const { groups, commits } = grouping(5);
  const answers = Promise.all([
    groups.append([anUplink(1)]),
    groups.append([again(anUplink(1))]),
    groups.append([anUplink(2), again(anUplink(2))]),
  ]);
  expect(await answers).toEqual([['appended'], ['duplicate'], ['appended', 'duplicate']]);
  expect(commits).toEqual([uplinks(1, 2)]);
  expect(await groups.append([again(anUplink(1)), again(anUplink(2))])).toEqual(['duplicate', 'duplicate']);
  expect(groups.flush()).toBe(false);
  expect(commits).toHaveLength(1);
});

test('when a commit fails everybody in the group is told, and nothing of it is remembered: the next try is no duplicate', async () => {
  const { groups, commits, disk } = grouping(2);
  disk.broken = true;
  const refused = await Promise.allSettled([
    groups.append([anUplink(1)]),
    groups.append([again(anUplink(1))]),
    groups.append(uplinks(2, 3)),
  ]);
  expect(refused.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  disk.broken = false;
  expect(await groups.append(uplinks(1, 3).map(again))).toEqual(['appended', 'appended', 'appended']);
  expect(commits).toHaveLength(1);
});
