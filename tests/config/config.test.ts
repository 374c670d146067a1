import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigInvalid, readConfig, settings, variableOf } from '../../infra/config/index.ts';

const file = (text: string): string => {
  const path = join(mkdtempSync(join(tmpdir(), 'kerbside-config-')), 'kerbside.yaml');
  writeFileSync(path, text);
  return path;
};

const faultsOf = (options: Parameters<typeof readConfig>[0]) => {
  try {
    readConfig({ env: {}, ...options });
  } catch (error) {
    if (error instanceof ConfigInvalid) return error;
    throw error;
  }
  throw new Error('the configuration was taken');
};

describe('the configuration', () => {
  it('needs no file: the defaults stand alone and listen on loopback only', () => {
    const config = readConfig({ env: {} });
    expect([config.http.host, config.mqtt.host, config.feeds.mqttHost]).toEqual([
      '127.0.0.1',
      '127.0.0.1',
      '127.0.0.1',
    ]);
    expect([config.http.port, config.mqtt.port, config.mqtt.tlsPort]).toEqual([8080, 1883, 8883]);
  });

  it('takes the key with which commands ask a server for no setting', () => {
    expect(readConfig({ env: { KERBSIDE_KEY: 'kb_secret', KERBSIDE_HTTP_PORT: '8081' } }).http.port).toBe(8081);
  });

  it('reports all faults together, each with its line or variable and what would be right', () => {
    const path = file('http:\n  port: 70000\n  hots: x\ntimeseries:\n  backend: influx\n');
    const error = faultsOf({ file: path, env: { KERBSIDE_MQTT_PORT: 'abc', KERBSIDE_FOO: '1' } });
    expect(error.faults.map(({ where, setting }) => `${where} ${setting}`).toSorted()).toEqual([
      'KERBSIDE_FOO -',
      'KERBSIDE_MQTT_PORT mqtt.port',
      'line 2 http.port',
      'line 3 http.hots',
      'line 5 timeseries.backend',
    ]);
    expect(error.message).toContain('is not one of: sqlite, influxdb');
  });

  it('says where YAML is broken instead of starting with defaults', () => {
    expect(faultsOf({ file: file('http: [1\nmqtt: }') }).faults.length).toBeGreaterThan(0);
    expect(faultsOf({ file: file('- a list') }).faults[0]?.setting).toBe('(file)');
  });

  it('refuses a named file that is not there', () => {
    expect(faultsOf({ file: '/nowhere/kerbside.yaml' }).message).toContain('no such file');
  });

  it('lets the environment win over the file', () => {
    const config = readConfig({
      file: file('http:\n  port: 9000\n'),
      env: { KERBSIDE_HTTP_PORT: '9001', KERBSIDE_LORAWAN_UDP_PORT: '0', KERBSIDE_DATA_DIR: '/srv/kerbside' },
    });
    expect(config.http.port).toBe(9001);
    expect(config.data.dir).toBe('/srv/kerbside');
  });

  it('gives each setting one variable and one description', () => {
    const variables = settings.map((setting) => variableOf(setting.path));
    expect(variables.length).toBeGreaterThan(25);
    expect(new Set(variables.map((name) => name.replaceAll('_', ''))).size).toBe(variables.length);
  });
});
