import { Type, type Static } from 'typebox';
import { iso } from '../../device-profiles/vocabulary/index.ts';
import { alertDeedKinds, alertEndings, type Actor, type Alert, type AlertDeed } from '../../infra/registry/contract.ts';
import { alertOut, AlertOut, isoOrNull, oneOf, textOrNull, time, timeOrNull } from '../wire.ts';
import { closed } from './answers.ts';
import { ConditionOut, conditionOut, RuleOut } from './rule-shapes.ts';

/** An alert as lists give it out: with who took it up. */
export const AlertRowOut = closed(
  {
    ...AlertOut.properties,
    acknowledgedAt: timeOrNull('When somebody took it up first; null while nobody has'),
    acknowledgedBy: textOrNull({ description: 'Who that was; null also for those who may not `read`' }),
    ending: textOrNull({
      enum: [...alertEndings, null],
      description: 'Why it ended; null while it is open, and of alerts from before that was kept',
    }),
  },
  { description: 'An episode in which a rule held' },
);

export const DeedOut = closed(
  {
    id: Type.Integer({ description: 'Rises with time' }),
    kind: oneOf(alertDeedKinds),
    at: time('When'),
    by: Type.String({ description: 'Who' }),
    note: textOrNull({ description: 'Null where it is none' }),
  },
  { description: 'What somebody did about an alert' },
);

export const StoryOut = closed(
  {
    alert: AlertRowOut,
    asked: Type.Union([ConditionOut, Type.Null()], {
      description: 'What its rule asked when it began; null of alerts from before that was kept',
    }),
    rule: Type.Union([RuleOut, Type.Null()], {
      description: 'The rule as it is now; null where it is gone, and for those who may not `read`',
    }),
    deeds: Type.Array(DeedOut, { description: 'In order. None for those who may not `read`' }),
  },
  { description: 'An alert, and what became of it' },
);

/** Who did something, by the name that the audit trail has of him. */
const byWords = ({ name }: Actor): string => name;

/** `named`: whether whoever asks may know who did what. */
export const alertRowOut = (alert: Alert, named: boolean): Static<typeof AlertRowOut> => ({
  ...alertOut(alert),
  acknowledgedAt: isoOrNull(alert.acknowledged?.at),
  acknowledgedBy: alert.acknowledged?.by === undefined || !named ? null : byWords(alert.acknowledged.by),
  ending: alert.ending ?? null,
});

export const deedOut = ({ id, kind, at, by, note }: AlertDeed): Static<typeof DeedOut> => ({
  id,
  kind,
  at: iso(at),
  by: byWords(by),
  note: note ?? null,
});

export const askedOut = ({ asked }: Alert): Static<typeof ConditionOut> | null =>
  asked === undefined ? null : conditionOut(asked);
