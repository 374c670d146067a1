/** Who was heard when, and on which ways. */
export interface RadioTables {
  heard: {
    device: string;
    seq: number;
    heard_at: number;
    about_at: number | null;
    connector: string;
    /** JSON list of [kind, name, time]. */
    routes: string;
    /** Where the frame counter is, as JSON. */
    frames: string | null;
  };
  heard_day: {
    /** Days since 1970. */
    day: number;
    device: string;
    uplinks: number;
    frames_missed: number;
    /** JSON list of 24 numbers. */
    hours: string;
    /** JSON of names and [n, sum, min]. */
    spreads: string;
  };
  listened: { from_at: number; to_at: number };
  /** What people call a gateway, and where they say that it stands. */
  named_gateway: {
    id: string;
    name: string | null;
    latitude: number | null;
    longitude: number | null;
    revision: number;
  };
  /** `facts`: JSON of what is known of it. */
  radio_gateway: { gateway: string; seq: number; facts: string };
  radio_gateway_day: {
    /** Days since 1970. */
    day: number;
    gateway: string;
    connector: string;
    received: number | null;
    received_ok: number | null;
    forwarded: number | null;
    downlinks: number | null;
    emitted: number | null;
    frames: number;
    frames_bad: number;
    uplinks: number;
  };
  /** `days`: JSON list of numbers, see link-days.ts. */
  radio_link: { device: string; gateway: string; seq: number; heard_at: number; days: string };
  /** `place`: the number, modulo how many are kept. `event`: JSON. */
  radio_event: { dev_eui: string; place: number; number: number; event: string };
}
