import type { Uplink } from '../../device-profiles/vocabulary/index.ts';
import type { AuthorizePublish } from '../../infra/broker/session.ts';
import { identityOf } from '../identity.ts';
import type { Intake } from '../intake.ts';
import type { Receipt } from '../receipt.ts';
import type { Forward } from './forward.ts';
import type { Session } from './session.ts';

/** Takes what devices publish to the journal, and has it acknowledged when it is there. */
export const publishTo =
  ({
    intake,
    receipt,
    forward,
  }: {
    readonly intake: Intake;
    readonly receipt: Receipt;
    readonly forward: Forward;
  }): AuthorizePublish<Session> =>
  (session, { topic, payload, redelivered, packetId }, answer) => {
    // The whole topic, so that no wildcard, prefix or empty level can stand for another.
    const voice = topic === session.topic ? session : forward(session, topic);
    if ('refused' in voice) {
      answer(voice);
      return;
    }
    const { ref, identity, via } = voice;
    const uplink: Uplink = {
      id: identityOf(identity, packetId, payload),
      redelivered,
      connector: 'mqtt',
      device: ref,
      receivedAt: receipt.at(ref.value),
      payload,
    };
    intake.take(via === undefined ? uplink : { ...uplink, via }, (taken) => {
      if (taken === 'appended' || taken === 'duplicate') answer();
      else
        answer({
          refused: taken,
          message: 'a connection was closed without an acknowledgement: its message is not on disk',
        });
    });
  };
