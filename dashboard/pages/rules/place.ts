import { borough, type SiteId } from '../../../device-profiles/vocabulary/index.ts';
import type { Registry, RuleCondition } from '../../../infra/registry/contract.ts';
import { titled } from '../models.ts';

/** The site that somebody means: by its id, or by its name where no other has it. */
export const siteNamed = (registry: Pick<Registry, 'sites'>, text: string): SiteId | undefined =>
  oneOf(registry.sites(), text)?.id;

const oneOf = <T extends { readonly id: string; readonly name: string }>(
  all: readonly T[],
  text: string,
): T | undefined => {
  const wanted = text.trim().toLowerCase();
  const byId = all.find(({ id }) => id.toLowerCase() === wanted);
  if (byId !== undefined) return byId;
  const named = all.filter(({ name }) => name.trim().toLowerCase() === wanted);
  return named.length === 1 ? named[0] : undefined;
};

export const placeKinds = ['everywhere', 'borough', 'site', 'device'] as const;
export type PlaceKind = (typeof placeKinds)[number];
type Place = Pick<RuleCondition, 'site' | 'device' | 'borough'>;

/** Where a rule is to look, as somebody typed it; undefined where there is no such place, or more than one. */
export const placeTyped = (
  registry: Pick<Registry, 'sites' | 'devices'>,
  kind: PlaceKind,
  text: string,
): Place | undefined => {
  switch (kind) {
    case 'everywhere':
      return {};
    case 'borough': {
      const wanted = text.trim().toLowerCase().replaceAll(' ', '-');
      const found = registry.sites().find((site) => site.borough === wanted)?.borough;
      return found === undefined ? undefined : { borough: borough(found) };
    }
    case 'site': {
      const site = siteNamed(registry, text);
      return site === undefined ? undefined : { site };
    }
    case 'device': {
      const device = oneOf(registry.devices(), text)?.id;
      return device === undefined ? undefined : { device };
    }
    default:
      return kind satisfies never;
  }
};

/** A place as somebody would type it. */
export const typedPlace = ({
  site,
  device,
  borough: inBorough,
}: Place): { readonly kind: PlaceKind; readonly text: string } => {
  if (device !== undefined) return { kind: 'device', text: device };
  if (site !== undefined) return { kind: 'site', text: site };
  return inBorough === undefined ? { kind: 'everywhere', text: '' } : { kind: 'borough', text: titled(inBorough) };
};
