import { faultLine } from '../device-profiles/definition/faults.ts';
import type { ProfileNews } from '../device-profiles/live-catalogue.ts';
import type { Log } from '../infra/logging/index.ts';

/** Profiles that are named in one line of the log; an import of a whole repository has hundreds. */
const NAMED_AT_MOST = 20;

/** The command that shows what a profile, as it is now, makes of what came in before. */
export const historyOf = (id: string): string =>
  `npx kerbside reprocess --profile ${id} --from <time> --to <time> --dry-run`;

/** Says in the log what happened to the profiles of the installation. */
export const logProfileNews =
  (log: Log) =>
  (news: ProfileNews): void => {
    switch (news.kind) {
      case 'read':
        log.info(
          { profiles: news.ids.length, ids: news.ids.slice(0, NAMED_AT_MOST) },
          'read device profiles of the data folder',
        );
        for (const id of news.changed.slice(0, NAMED_AT_MOST))
          log.info(
            { profile: id },
            `the profile holds for what comes in from now on; for what is kept already: ${historyOf(id)}`,
          );
        return;
      case 'removed':
        log.warn(
          { reason: 'profile-removed', profiles: news.ids.length, ids: news.ids.slice(0, NAMED_AT_MOST) },
          'device profiles are gone from the data folder; uplinks of their devices wait in quarantine',
        );
        return;
      case 'faulty':
        log.error(
          { reason: 'profile-faulty', profile: news.id, faults: news.faults.slice(0, NAMED_AT_MOST).map(faultLine) },
          news.kept
            ? 'a device profile was changed and has faults; the one before stays in use'
            : 'a device profile has faults and is left out; uplinks of its devices wait in quarantine',
        );
        return;
      case 'unreadable':
        log.error(
          { reason: 'profiles-unreadable', why: news.why },
          'the device profiles of the data folder cannot be read; those known stay in use',
        );
    }
  };
