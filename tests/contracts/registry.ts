import { alertCases } from './registry/alerts.ts';
import { alertDeedCases } from './registry/alert-deeds.ts';
import { auditCases } from './registry/audit.ts';
import { codecCaseCases } from './registry/codec-cases.ts';
import { bulkCases } from './registry/bulk.ts';
import { bulkKeyCases } from './registry/bulk-keys.ts';
import type { RegistryCase } from './registry/case.ts';
import { calibrationCases } from './registry/calibrations.ts';
import { credentialCases } from './registry/credentials.ts';
import { deploymentCases } from './registry/deployments.ts';
import { deviceCases } from './registry/devices.ts';
import { heardCases } from './registry/heard.ts';
import { lifeCycleCases } from './registry/life-cycle.ts';
import { lorawanKeyCases } from './registry/lorawan-keys.ts';
import { networkCases } from './registry/networks.ts';
import { placeCases } from './registry/places.ts';
import { quarantineCases } from './registry/quarantine.ts';
import { radioCases } from './registry/radio.ts';
import { ruleAndKeyCases } from './registry/rules-and-keys.ts';
import { sharingCases } from './registry/sharing.ts';
import { standingCases } from './registry/standing.ts';

export type { Ground, RegistryCase } from './registry/case.ts';

/** What a registry is, whichever database it stands on. */
export const registryCases: readonly RegistryCase[] = [
  ...deviceCases,
  ...placeCases,
  ...lifeCycleCases,
  ...deploymentCases,
  ...credentialCases,
  ...auditCases,
  ...standingCases,
  ...lorawanKeyCases,
  ...calibrationCases,
  ...networkCases,
  ...bulkCases,
  ...bulkKeyCases,
  ...ruleAndKeyCases,
  ...alertCases,
  ...alertDeedCases,
  ...codecCaseCases,
  ...quarantineCases,
  ...heardCases,
  ...radioCases,
  ...sharingCases,
];
