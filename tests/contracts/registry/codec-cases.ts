import { expect } from 'vitest';
import type { Vector } from '../../../device-profiles/definition/schema.ts';
import { profileId } from '../../../device-profiles/vocabulary/index.ts';
import type { Actor } from '../../../infra/registry/contract.ts';
import { refusal, type RegistryCase } from './case.ts';

const ada: Actor = { kind: 'account', name: 'Ada Brightwater (ada@example.org)' };
const model = profileId('known/counter');
const vector = (name: string, hex = '0100e2'): Vector => ({
  name,
  from: 'kept',
  uplink: { hex, fPort: 5 },
  refused: 'truncated',
});

/** Messages of a model that people keep. */
export const codecCaseCases: readonly RegistryCase[] = [
  {
    title:
      'a case of a model is kept over a restart, under a name that no other case of the model has, and removed by itself',
    run: async ({ registry, clock, restart }) => {
      const first = await registry.as(ada).addCodecCase(model, vector(' a fine morning '));
      expect(first).toMatchObject({
        profile: model,
        at: clock.now(),
        by: ada,
        vector: { ...vector('a fine morning') },
      });
      expect(await refusal(registry.addCodecCase(model, vector('a fine morning', '00')))).toBe('codec-case-exists');
      await registry.addCodecCase(profileId('known/other'), vector('a fine morning'));
      const again = await restart();
      expect(await again.codecCases(model)).toEqual([first]);
      expect(await refusal(again.removeCodecCase(profileId('known/other'), first.id))).toBe('codec-case-unknown');
      await again.removeCodecCase(model, first.id);
      expect(await again.codecCases(model)).toEqual([]);
      expect(await again.codecCases(profileId('known/other'))).toHaveLength(1);
      expect(await refusal(again.removeCodecCase(model, first.id))).toBe('codec-case-unknown');
      const lines = await again.audit({ limit: 10, action: 'codec-case-added' });
      expect(lines.map(({ subject, detail }) => [subject.id, detail['name']])).toEqual([
        ['known/other', 'a fine morning'],
        ['known/counter', 'a fine morning'],
      ]);
    },
  },
  {
    title: 'cases are bounded: in number, in length, and in what they are called',
    run: async ({ registry }) => {
      for (let n = 0; n < 100; n += 1) await registry.addCodecCase(model, vector(`case ${n}`));
      expect(await refusal(registry.addCodecCase(model, vector('one more')))).toBe('codec-cases-full');
      const other = profileId('known/other');
      expect(await refusal(registry.addCodecCase(other, vector('long', '00'.repeat(40_000))))).toBe(
        'codec-case-too-large',
      );
      for (const name of ['', ' ', 'n'.repeat(121), 'line\nbreak'])
        expect(await refusal(registry.addCodecCase(other, vector(name)))).toBe('name-invalid');
      expect(await registry.codecCases(other)).toEqual([]);
    },
  },
];
