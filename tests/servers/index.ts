/** Debian's real servers, started for a test on free loopback ports, and the faults on the way to them. */
export { startInfluxdb, type InfluxdbServer } from './influxdb.ts';
export { startKerbside, type KerbsideServer } from './kerbside.ts';
export { startMosquitto, type MosquittoServer } from './mosquitto.ts';
export { needs, needsRecording } from './needs.ts';
export { chromiumPath, recording } from './programs.ts';
export { startProxy, type FaultProxy, type ProxyMode } from './proxy.ts';
