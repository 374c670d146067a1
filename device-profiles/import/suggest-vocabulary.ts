function setOf(...lines: readonly string[]): ReadonlySet<string> {
  return new Set(lines.flatMap((line) => line.split(' ')));
}

/**
 * Words beside which a quantity is another one, or none: the temperature of the soil, a threshold, the smallest of a
 * day. Where the phrase itself has the word, it does not count.
 */
export const vetoes: ReadonlySet<string> = setOf(
  'soil target setpoint threshold limit alarm alert warning offset calibration raw',
  'min max minimum maximum std stddev deviation variance delta change diff difference',
  'east north chill index status state error fault valid enable enabled config mode type',
  'leaf wetbulb globe body skin setting interval count number id version unit time timestamp ref reference cmd',
  'particles particle nc bottom dielectric vapor vapour permittivity charging low high normal',
);

/** Words that say nothing about what is measured: they lower no confidence. */
export const neutral: ReadonlySet<string> = setOf(
  'value val sensor measurement measured reading data current now last the of in level concentration conc mass',
  'sht sht2x sht3x sht4x bme280 bme680 dht dht22 ds18b20 sps30 pms atm scd30 scd4x air ambient outdoor external',
);

/** Names of objects that say nothing of what is in them: `status.battery` is the battery. */
export const containers: ReadonlySet<string> = setOf(
  'status state data payload decoded object measurements measurement readings values sensors sensor device info message uplink report',
);

/** Keys that are known to be no measurement. */
export const notMeasured: ReadonlySet<string> = setOf(
  'deviceid devid deveui deviceeui protocolversion protocol firmwareversion firmware fwversion fw hardwareversion hwversion hardware',
  'serialnumber serial sn port fport fcnt framecounter payloadtype messagetype msgtype packettype frametype devicetype model devicename',
  'softwareversion swversion swver hwver ipsoversion tslversion sensorid type device cmd datecode manufacturer payloadversion rawpayload rawbytes bytes payload unit displayname',
);

/** Keys of a time: a profile may name it as `time`, but never by a guess. */
export const timeWords: ReadonlySet<string> = setOf(
  'time timestamp datetime date ts epoch unixtime utc measurementtime devicetime',
);

/** What makers say for 1 and for 0 where a quantity is a state. */
export const stateWords: ReadonlyMap<string, number> = new Map([
  ...pairsOf(
    1,
    'true on yes occupied busy taken parked leak leaked leakage flood water wet open opened detected alarm',
  ),
  ...pairsOf(
    0,
    'false off no free vacant empty available noleak dry closed close none normal nowater notdetected unoccupied',
  ),
]);

function pairsOf(number: number, words: string): readonly (readonly [string, number])[] {
  return words.split(' ').map((word) => [word, number]);
}
