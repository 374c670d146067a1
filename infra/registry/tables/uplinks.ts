/** What was done about uplinks: those that nobody could place, cases for codecs, runs over history. */
export interface UplinkTables {
  quarantine: {
    id: number;
    uplink_id: string;
    received_at: number;
    redelivered: number;
    connector: string;
    device_by: string;
    device: string;
    sent_at: number | null;
    payload: Uint8Array;
    /** The radio's data as JSON. */
    lorawan: string | null;
    /** The gateway device that forwarded it. */
    via: string | null;
    reason: string;
    detail: string;
    at: number;
  };
  codec_case: {
    id: string;
    profile: string;
    name: string;
    /** JSON: as an entry of vectors.yaml. */
    vector: string;
    at: number;
    actor_kind: string;
    actor: string;
  };
  /** A run over history. */
  reprocess: {
    id: number;
    kind: string;
    subject: string;
    from_at: number;
    to_at: number;
    dry_run: number;
    reason: string | null;
    actor_kind: string;
    actor: string;
    created_at: number;
    started_at: number | null;
    ended_at: number | null;
    state: string;
    progress: number;
    /** JSON. */
    result: string;
    fault: string | null;
  };
}
