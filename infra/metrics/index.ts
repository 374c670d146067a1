import { Counter, Gauge, Histogram, Registry as Prometheus, collectDefaultMetrics } from 'prom-client';

/** What becomes of an uplink that was received, one of these: the label `outcome`. `empty`: a LoRaWAN frame for the network alone. */
export const uplinkOutcomes = ['stored', 'duplicate', 'quarantined', 'empty'] as const;
export type UplinkOutcome = (typeof uplinkOutcomes)[number];

/**
 * What is counted, by the names in docs/metrics.md. The labels are closed sets: a connector, an outcome, a reason.
 * received = stored + duplicate + quarantined + empty (+ waiting in the journal); refused messages were never received.
 */
export const openMetrics = () => {
  const registry = new Prometheus();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    registry,
    /** Uplinks on disk in the journal, by door. */
    received: new Counter({
      name: 'kerbside_uplinks_received_total',
      help: 'Uplinks made durable in the journal',
      labelNames: ['connector'] as const,
      registers,
    }),
    /** What became of them: see `uplinkOutcomes`. `reason` is empty except for `quarantined`. */
    uplinks: new Counter({
      name: 'kerbside_uplinks_total',
      help: 'Uplinks handled, by outcome',
      labelNames: ['connector', 'outcome', 'reason'] as const,
      registers,
    }),
    /** What became of quarantined uplinks that were driven through again. */
    redriven: new Counter({
      name: 'kerbside_redriven_total',
      help: 'Quarantined uplinks driven through again, by outcome',
      labelNames: ['connector', 'outcome', 'reason'] as const,
      registers,
    }),
    /** Messages and connections turned away at a door, and told so. */
    refused: new Counter({
      name: 'kerbside_refused_total',
      help: 'Messages and connections refused at a door',
      labelNames: ['connector', 'reason'] as const,
      registers,
    }),
    /** Single values by quality flag. */
    observations: new Counter({
      name: 'kerbside_observations_total',
      help: 'Observations stored, by quality flag and the test that gave it',
      labelNames: ['flag', 'test'] as const,
      registers,
    }),
    corrected: new Counter({
      name: 'kerbside_readings_corrected_total',
      help: 'Readings in the store whose flags changed, because of what came after them or late',
      registers,
    }),
    /** Batches and outages bring readings late, and so does a clock that is behind, which nothing else tells. */
    late: new Counter({
      name: 'kerbside_readings_late_total',
      help: 'Readings stored half an hour or more after their phenomenon time',
      registers,
    }),
    /** Uplinks and values of history that were run again, with what became of them; `dry` says whether it was only looked at. */
    reprocessedUplinks: new Counter({
      name: 'kerbside_reprocessed_uplinks_total',
      help: 'Uplinks of history that were read again, by outcome',
      labelNames: ['outcome', 'dry'] as const,
      registers,
    }),
    reprocessedValues: new Counter({
      name: 'kerbside_reprocessed_values_total',
      help: 'Values of history that were worked out again, by what became of them',
      labelNames: ['outcome', 'dry'] as const,
      registers,
    }),
    /** Keys of messages that no profile maps: they are not lost (the journal has them) but not measured either. */
    unmapped: new Counter({
      name: 'kerbside_unmapped_fields_total',
      help: 'Message fields that the profile does not map',
      labelNames: ['profile'] as const,
      registers,
    }),
    connected: new Gauge({
      name: 'kerbside_mqtt_connections',
      help: 'MQTT connections that are signed in',
      labelNames: ['listener'] as const,
      registers,
    }),
    /** Messages that an external broker or network did not deliver, as gaps in its numbering show. */
    gaps: new Counter({
      name: 'kerbside_gaps_total',
      help: 'Reconnects and missed messages noticed at an external source',
      labelNames: ['connector', 'reason'] as const,
      registers,
    }),
    /** Frames that a device's counter shows to be missing. One that comes late is not taken back here; a day's sum has it. */
    framesMissed: new Counter({
      name: 'kerbside_frames_missed_total',
      help: 'LoRaWAN frames that frame counters show to be missing',
      labelNames: ['connector'] as const,
      registers,
    }),
    /** What gateways sent over Semtech UDP, as far as it was not refused: `push-data`, `pull-data`, `tx-ack`. */
    datagrams: new Counter({
      name: 'kerbside_gateway_datagrams_total',
      help: 'Datagrams of gateways, by kind',
      labelNames: ['kind'] as const,
      registers,
    }),
    /** Frames in them, each copy by itself: `uplink`, `duplicate`, `foreign`, `refused`. */
    radioFrames: new Counter({
      name: 'kerbside_radio_frames_total',
      help: 'Frames that gateways heard, each copy by itself, by outcome',
      labelNames: ['outcome'] as const,
      registers,
    }),
    devices: new Gauge({
      name: 'kerbside_devices',
      help: 'Devices in the street, by how they are heard',
      labelNames: ['state'] as const,
      registers,
    }),
    /** Frames that gateways told us of one by one, whoever's they are. */
    gatewayFrames: new Counter({
      name: 'kerbside_gateway_frames_total',
      help: 'Frames that gateways told us of, by their checksum',
      labelNames: ['checksum'] as const,
      registers,
    }),
    gateways: new Gauge({
      name: 'kerbside_gateways',
      help: 'Radio gateways, by how they are heard',
      labelNames: ['state'] as const,
      registers,
    }),
    /** What is not in the statistics of the radio network, for want of room or an id. */
    radioDropped: new Counter({
      name: 'kerbside_radio_dropped_total',
      help: 'News of the radio network that is not kept, by reason',
      labelNames: ['reason'] as const,
      registers,
    }),
    /** Operators' formats that were read at start, by whether they are in order. */
    integrations: new Gauge({
      name: 'kerbside_integrations',
      help: "Operators' formats, by whether they are in order",
      labelNames: ['state'] as const,
      registers,
    }),
    appendSeconds: new Histogram({
      name: 'kerbside_journal_append_seconds',
      help: 'From a message at the door to its commit',
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
      registers,
    }),
    batchSeconds: new Histogram({
      name: 'kerbside_ingest_batch_seconds',
      help: 'One pass of the pipeline over a batch',
      buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30],
      registers,
    }),
    backlog: new Gauge({
      name: 'kerbside_journal_backlog',
      help: 'Uplinks that wait in the journal for ingest',
      registers,
    }),
    accepting: new Gauge({
      name: 'kerbside_journal_accepting',
      help: '1 while the journal takes uplinks, 0 while it refuses',
      registers,
    }),
    alerts: new Gauge({
      name: 'kerbside_alerts',
      help: 'Alerts that are open',
      labelNames: ['state'] as const,
      registers,
    }),
    liveClients: new Gauge({ name: 'kerbside_live_clients', help: 'Socket.IO clients', registers }),
    liveDropped: new Counter({
      name: 'kerbside_live_dropped_total',
      help: 'Live events not sent to readers that were too slow',
      labelNames: ['reader'] as const,
      registers,
    }),
    /** Connections that we ended: `stuck` took nothing for too long, `silent` did not answer the heartbeat, `not-allowed` may not any more. */
    liveCutOff: new Counter({
      name: 'kerbside_live_cut_off_total',
      help: 'Socket.IO clients that were cut off, by reason',
      labelNames: ['reason'] as const,
      registers,
    }),
    /** Tries to bring a device in a network server to where it should be: `done`, or why not. */
    networkTries: new Counter({
      name: 'kerbside_network_tries_total',
      help: 'Tries to register, change or disable a device in a network server, by outcome',
      labelNames: ['network', 'outcome'] as const,
      registers,
    }),
    /** Tries to sign in, each step by itself: what was shown, and whether it was right; `wait`: too many tries, it was not looked at. */
    signIns: new Counter({
      name: 'kerbside_sign_ins_total',
      help: 'Tries to sign in, by what was shown and what came of it',
      labelNames: ['by', 'outcome'] as const,
      registers,
    }),
    quarantineDropped: new Counter({
      name: 'kerbside_quarantine_dropped_total',
      help: 'Quarantined uplinks dropped beyond the limit; the journal still has them for its retention',
      registers,
    }),
  };
};

export type Metrics = ReturnType<typeof openMetrics>;
