import { Type, type Static } from 'typebox';

const port = (fallback: number, description: string) =>
  Type.Integer({ minimum: 0, maximum: 65535, default: fallback, description: `${description} 0 switches it off.` });
const host = () =>
  Type.String({ default: '127.0.0.1', description: 'Address to listen on. Loopback unless you say otherwise.' });
const degrees = (fallback: number, most: number) =>
  Type.Number({
    minimum: -most,
    maximum: most,
    default: fallback,
    description: 'Degrees. A site beyond it is refused: its position has numbers swapped or a sign lost.',
  });
const section = <T extends Parameters<typeof Type.Object>[0]>(properties: T, description: string) =>
  Type.Object(properties, { additionalProperties: false, default: {}, description });
const tls = () =>
  Type.Optional(
    Type.Object(
      {
        certificate: Type.String({ description: 'PEM file, leaf first.' }),
        key: Type.String({ description: 'PEM file of the private key.' }),
      },
      { additionalProperties: false },
    ),
  );

const advice = (band: string, whom: string) =>
  Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 500,
      description:
        `What ${whom} are told when the index is ${band}; the words that Defra publishes unless given.`.replace(
          'everybody are',
          'everybody is',
        ),
    }),
  );
const colour = (fallback: string, description: string) =>
  Type.String({
    default: fallback,
    pattern: '^#[0-9A-Fa-f]{6}$',
    description: `${description} As #rrggbb; its contrast is checked at start.`,
  });

/** A role that a person can have. */
const roleWord = 'viewer|operator|engineer|partner|administrator';

/** Every setting there is: `kerbside.yaml`, each overridden by `KERBSIDE_<SECTION>_<KEY>`. Constants of nature are not settings. */
export const schema = Type.Object(
  {
    data: section(
      {
        dir: Type.String({
          default: './data',
          description: 'Where everything is kept. Relative to the working folder.',
        }),
      },
      'Storage',
    ),
    log: section(
      {
        level: Type.Union(
          [
            Type.Literal('fatal'),
            Type.Literal('error'),
            Type.Literal('warn'),
            Type.Literal('info'),
            Type.Literal('debug'),
            Type.Literal('silent'),
          ],
          { default: 'info' },
        ),
      },
      'Logging',
    ),
    area: section(
      {
        south: degrees(49.8, 90),
        west: degrees(-8.7, 180),
        north: degrees(60.9, 90),
        east: degrees(1.8, 180),
      },
      'Where sites may lie, WGS 84; the United Kingdom unless you say otherwise',
    ),
    http: section(
      {
        host: host(),
        port: port(8080, 'API, pages, Socket.IO and MQTT over WebSocket (/mqtt).'),
        publicUrl: Type.Optional(
          Type.String({
            pattern: '^https?://[^/?#\\s]+(/[^?#\\s]*)?$',
            description:
              'Where people reach it, such as https://sensors.example.gov.uk: what the QR codes of labels say, and links for people. https: cookies then need TLS.',
          }),
        ),
        proxies: Type.String({
          default: '',
          pattern: '^$|^[0-9A-Fa-f.:]+(/\\d{1,3})?(,[0-9A-Fa-f.:]+(/\\d{1,3})?)*$',
          description:
            'Addresses or networks of the proxies before it, divided by commas: they are believed who asks, and whether over TLS. Nobody else is.',
        }),
      },
      'The HTTP server',
    ),
    mqtt: section(
      {
        host: host(),
        port: port(1883, 'MQTT for devices.'),
        tlsPort: port(8883, 'MQTT over TLS for devices; listens only when mqtt.tls is set.'),
        tls: tls(),
        maxConnections: Type.Integer({
          minimum: 1,
          default: 20000,
          description: 'Connections at once, all listeners of devices together.',
        }),
        maxPayloadBytes: Type.Integer({
          minimum: 1,
          maximum: 262144,
          default: 65536,
          description: 'Largest MQTT packet after sign-in.',
        }),
      },
      'The embedded MQTT broker for devices',
    ),
    externalMqtt: section(
      {
        url: Type.Optional(
          Type.String({
            pattern: '^(mqtt|mqtts|ws|wss)://',
            description: 'An MQTT broker to read from as a client, as mqtt://host:port.',
          }),
        ),
        protocol: Type.Union([Type.Literal('3.1.1'), Type.Literal('5')], {
          default: '5',
          description: 'The MQTT version that it speaks.',
        }),
        topic: Type.String({
          default: 'devices/+/up',
          description: 'Subscription; the first + stands for the device id.',
        }),
        clientId: Type.String({
          default: 'kerbside',
          description: 'Keep it: the broker stores what arrives while we are away under this name.',
        }),
        username: Type.Optional(Type.String({ description: 'As that broker knows us.' })),
        password: Type.Optional(Type.String({ description: 'Better in the environment than in a file.' })),
      },
      'A broker of yours that devices already publish to',
    ),
    lorawan: section(
      {
        udpHost: host(),
        udpPort: port(0, 'Semtech UDP, for gateways that send a copy of what they hear; 1700 is usual.'),
        gateways: Type.String({
          default: '',
          pattern: '^$|^[0-9A-Fa-f]{16}(@[^,\\s]+)?(,[0-9A-Fa-f]{16}(@[^,\\s]+)?)*$',
          description:
            'Gateways that may speak over Semtech UDP: their EUIs, each with "@" and the address or network it sends from if that is known, divided by commas. Nobody else is heard.',
        }),
        counterResets: Type.String({
          default: '',
          pattern: '^$|^[0-9A-Fa-f]{16}(,[0-9A-Fa-f]{16})*$',
          description:
            'Devices activated by personalisation whose frame counter may begin anew, as after a change of batteries: their DevEUIs, divided by commas. See docs/gateways-direct.md first.',
        }),
      },
      'Gateways that speak to us themselves',
    ),
    chirpstack: section(
      {
        mqttUrl: Type.Optional(
          Type.String({
            pattern: '^(mqtt|mqtts|ws|wss)://',
            description: 'The MQTT broker to which ChirpStack v4 publishes its events.',
          }),
        ),
        mqttProtocol: Type.Union([Type.Literal('3.1.1'), Type.Literal('5')], {
          default: '5',
          description: 'The MQTT version in which that broker is read. ChirpStack itself needs one that speaks 5.',
        }),
        mqttClientId: Type.String({
          default: 'kerbside-chirpstack',
          description: 'Keep it: the broker stores what arrives while we are away under this name.',
        }),
        mqttUsername: Type.Optional(Type.String({ description: 'As that broker knows us.' })),
        mqttPassword: Type.Optional(Type.String({ description: 'Better in the environment than in a file.' })),
        eventTopic: Type.String({
          default: 'application/{{application_id}}/device/{{dev_eui}}/event/{{event}}',
          description: "ChirpStack's event_topic, word for word.",
        }),
        gatewayTopic: Type.String({
          default: '+/gateway/{{gateway_id}}/{{kind}}/{{event}}',
          description:
            'Where its gateways say how they are: kind and event are event/stats and state/conn. Empty: they are not listened to.',
        }),
        apiUrl: Type.Optional(
          Type.String({
            pattern: '^https?://[^/?#@]+/?$',
            description: "ChirpStack's gRPC API, to register devices there.",
          }),
        ),
        apiToken: Type.Optional(
          Type.String({ description: 'An API key of ChirpStack. Better in the environment than in a file.' }),
        ),
        applicationId: Type.Optional(
          Type.String({
            pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$',
            description: 'The application of ours there.',
          }),
        ),
      },
      'A ChirpStack v4 of yours',
    ),
    thingsStack: section(
      {
        mqttUrl: Type.Optional(
          Type.String({
            pattern: '^mqtts?://',
            description: 'Its MQTT server, as mqtts://eu1.cloud.thethings.network:8883.',
          }),
        ),
        applicationId: Type.Optional(
          Type.String({ pattern: '^[a-z0-9](?:-?[a-z0-9]){2,35}$', description: 'The application of ours there.' }),
        ),
        tenantId: Type.Optional(
          Type.String({
            pattern: '^[a-z0-9](?:-?[a-z0-9]){2,35}$',
            description: 'The tenant: ttn on The Things Network, none on an open-source installation.',
          }),
        ),
        apiKey: Type.Optional(
          Type.String({ description: 'An API key of that application. Better in the environment than in a file.' }),
        ),
        apiUrl: Type.Optional(
          Type.String({
            pattern: '^https?://[^?#@]+$',
            description:
              'Its HTTP API: to fetch from its Storage Integration what was missed and, with registerDevices, to register devices there.',
          }),
        ),
        registerDevices: Type.Boolean({
          default: false,
          description:
            'Whether devices are registered there with their keys, changed and taken out; needs apiUrl, apiKey and applicationId.',
        }),
        frequencyPlan: Type.String({
          default: 'EU_863_870_TTN',
          pattern: '^[A-Z0-9_]{2,40}$',
          description: 'The frequency plan of devices that are registered there, by its id.',
        }),
        lorawanVersion: Type.Union(
          [Type.Literal('1.0.2'), Type.Literal('1.0.3'), Type.Literal('1.0.4'), Type.Literal('1.1')],
          { default: '1.0.3', description: 'The LoRaWAN version of devices that are registered there.' },
        ),
      },
      'A The Things Stack v3 of yours',
    ),
    timeseries: section(
      {
        backend: Type.Union([Type.Literal('sqlite'), Type.Literal('influxdb')], {
          default: 'sqlite',
          description: 'The embedded store, or an InfluxDB 1.8 to 3.',
        }),
        retentionDays: Type.Integer({
          minimum: 0,
          default: 0,
          description: 'Observations older than this go, but not their hours and days. 0 keeps them.',
        }),
        hourlyRetentionDays: Type.Integer({
          minimum: 0,
          default: 0,
          description: 'Hours older than this go, when the observations they were made of have gone. 0 keeps them.',
        }),
        dailyRetentionDays: Type.Integer({
          minimum: 0,
          default: 0,
          description: 'Days older than this go, when their hours have gone. 0 keeps them.',
        }),
      },
      'Where observations are kept',
    ),
    averages: section(
      {
        hourCapture: Type.Number({
          minimum: 0.01,
          maximum: 1,
          default: 0.75,
          description:
            'The share of an hour or a quarter of one that must be measured for it to count: 45 of 60 minutes. Unchecked: the guidance says 75 % of longer periods.',
        }),
      },
      'Means',
    ),
    objectives: section(
      {
        compare: Type.Union([Type.Literal('rounded'), Type.Literal('exact')], {
          default: 'rounded',
          description: 'Whether a value is rounded to a whole unit before it counts as above a limit. Unchecked.',
        }),
        pm25AnnualUgM3: Type.Number({
          minimum: 0,
          default: 20,
          description:
            'Limit of the annual mean of PM2.5. Unchecked: the 2010 Regulations say 25, England 20 from 2020.',
        }),
        pm25InterimUgM3: Type.Number({
          minimum: 0,
          default: 12,
          description: 'Interim target of the annual mean of PM2.5, by January 2028. Unchecked.',
        }),
        o3Days: Type.Integer({
          minimum: 0,
          maximum: 366,
          default: 10,
          description: 'Days of a year on which the running 8-hour mean of ozone may be above 100 ug/m3. Unchecked.',
        }),
        o3TargetUgM3: Type.Number({
          minimum: 0,
          default: 120,
          description: 'Target of the highest running 8-hour mean of ozone of a day. Unchecked.',
        }),
        o3TargetDays: Type.Integer({
          minimum: 0,
          maximum: 366,
          default: 25,
          description: 'Days of a year, as a mean over three, on which it may be above that. Unchecked.',
        }),
        whoDays: Type.Integer({
          minimum: 0,
          maximum: 366,
          default: 3,
          description:
            'Days of a year that may be above a 24-hour guideline of the WHO: it says the 99th percentile, 3 to 4 days.',
        }),
      },
      'What the air of a year is held against: the figures that nobody has checked against their source',
    ),
    influxdb: section(
      {
        url: Type.String({
          default: 'http://127.0.0.1:8086',
          pattern: '^https?://[^/?#@]+(/[^@]*)?$',
          description: 'Its HTTP API, without a name or password: those belong in influxdb.token.',
        }),
        database: Type.String({
          default: 'kerbside',
          description: 'Database (1.x, 3.x) or bucket (2.x); made when missing where the server lets us.',
        }),
        token: Type.Optional(Type.String({ description: 'InfluxDB 2 and 3, or user:password of 1.x.' })),
        timeoutMs: Type.Integer({
          minimum: 100,
          default: 10000,
          description: 'After so long without an answer the store counts as down; the journal keeps what comes in.',
        }),
      },
      'InfluxDB, when timeseries.backend is influxdb',
    ),
    journal: section(
      {
        retentionDays: Type.Number({ minimum: 0.01, default: 30, description: 'How long raw uplinks are kept.' }),
        maxBytes: Type.Integer({
          minimum: 1048576,
          default: 10737418240,
          description: 'How large the journal may grow before the oldest handled uplinks go.',
        }),
        minFreeBytes: Type.Integer({
          minimum: 0,
          default: 268435456,
          description: 'Free disk below which new uplinks are refused, so that pruning and reading still work.',
        }),
        groupMs: Type.Integer({
          minimum: 0,
          maximum: 100,
          default: 2,
          description: 'How long an uplink waits for others to share its commit.',
        }),
      },
      'The log of raw uplinks',
    ),
    ingest: section(
      {
        futureMs: Type.Integer({
          minimum: 0,
          default: 600000,
          description: 'A device clock further ahead of ours than this is not believed.',
        }),
      },
      'From uplinks to observations',
    ),
    footfall: section(
      {
        maxPerHour: Type.Number({
          exclusiveMinimum: 0,
          default: 10000,
          description:
            'Passages in an hour, in one direction past one counter, beyond which a count cannot be right. Unchecked: raise it for a stadium.',
        }),
        minCompleteness: Type.Number({
          minimum: 0,
          maximum: 1,
          default: 0.75,
          description: 'Below this share of a period nothing is compared with it.',
        }),
        resetHour: Type.Integer({
          minimum: 0,
          maximum: 23,
          default: 4,
          description: 'Hour of UK time at which nobody is taken to be inside.',
        }),
      },
      'Counts of passages',
    ),
    feeds: section(
      {
        mqttHost: host(),
        mqttPort: port(1884, 'Read-only MQTT for partners.'),
      },
      'Feeds for partners',
    ),
    dashboard: section(
      {
        open: Type.Union([Type.Literal('everything'), Type.Literal('published'), Type.Literal('nothing')], {
          default: 'everything',
          description:
            'What can be read without signing in: all that the pages show, the sites that were published, or nothing.',
        }),
        name: Type.String({ default: 'Kerbside', maxLength: 80, description: 'The name in the header of each page.' }),
        languages: Type.Union([Type.Literal('en'), Type.Literal('en,cy'), Type.Literal('cy,en')], {
          default: 'en',
          description:
            'Languages that pages offer, the usual one first: en, cy (Welsh, as far as its words are there).',
        }),
      },
      'Pages',
    ),
    healthAdvice: section(
      {
        low: advice('Low', 'everybody'),
        lowAtRisk: advice('Low', 'people at risk'),
        moderate: advice('Moderate', 'everybody'),
        moderateAtRisk: advice('Moderate', 'people at risk'),
        high: advice('High', 'everybody'),
        highAtRisk: advice('High', 'people at risk'),
        veryHigh: advice('Very High', 'everybody'),
        veryHighAtRisk: advice('Very High', 'people at risk'),
        source: Type.Optional(
          Type.String({
            maxLength: 200,
            description: 'Whose words these are; of the published ones their source unless given.',
          }),
        ),
        published: Type.Optional(
          Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\d$', description: 'When they were published, as 2025-12-19.' }),
        ),
      },
      'Health advice beside the Daily Air Quality Index',
    ),
    map: section(
      {
        url: Type.Optional(
          Type.String({
            pattern: '^https?://[^/?#@\\s]+/[^\\s]*$',
            description:
              'A MapLibre style, or pictures with {z}, {x} and {y} in their address. All that it loads must come from the same server: browsers are allowed no other.',
          }),
        ),
        tiles: Type.Optional(
          Type.String({
            minLength: 1,
            description: 'A PMTiles archive in the data folder, served from here: a map that needs no internet.',
          }),
        ),
        boundaries: Type.Optional(
          Type.String({
            minLength: 1,
            description: 'A GeoJSON file in the data folder, WGS 84, drawn over whatever lies under it, or alone.',
          }),
        ),
        attribution: Type.String({
          default: '',
          maxLength: 200,
          description: 'Whose map it is, as its licence asks for: © OpenStreetMap contributors.',
        }),
      },
      'What the map is drawn on; with nothing set, lines of longitude and latitude',
    ),
    theme: section(
      {
        logo: Type.Optional(
          Type.String({ description: 'An SVG or PNG file of up to 100 kB, shown beside the name on theme.brand.' }),
        ),
        brand: colour('#0d3b45', 'The header, edges, the lines of charts.'),
        onBrand: colour('#ffffff', 'Words on it.'),
        accent: colour('#ffd447', 'The line under the header.'),
        link: colour('#1a65a6', 'Links.'),
        surface: colour('#eef3f4', 'Behind the navigation and the footer.'),
      },
      'How the pages look',
    ),
    signIn: section(
      {
        idleMinutes: Type.Integer({
          minimum: 5,
          maximum: 10080,
          default: 60,
          description: 'A session in which nobody opens or sends anything for so long ends.',
        }),
        lastsHours: Type.Integer({
          minimum: 1,
          maximum: 720,
          default: 24,
          description: 'A session ends after so long, however it is used.',
        }),
        secondFactorFor: Type.String({
          default: '',
          pattern: `^$|^(${roleWord})(,(${roleWord}))*$`,
          description: 'Roles that must have a second factor, divided by commas; others may.',
        }),
      },
      'How people sign in',
    ),
    oidc: section(
      {
        issuer: Type.Optional(
          Type.String({
            pattern: '^https?://[^?#\\s]+$',
            description:
              'The issuer, exactly as it names itself: for Entra ID https://login.microsoftonline.com/TENANT/v2.0, with the id of your tenant.',
          }),
        ),
        clientId: Type.Optional(Type.String({ description: 'As that service knows us.' })),
        clientSecret: Type.Optional(Type.String({ description: 'Better in the environment than in a file.' })),
        name: Type.String({
          default: 'Microsoft',
          maxLength: 40,
          description: 'What people call that service: "Sign in with ...".',
        }),
        rolesClaim: Type.String({
          default: 'roles',
          pattern: '^[\\w.:/-]{1,100}$',
          description: 'The claim of the ID token that lists what somebody is there.',
        }),
        roles: Type.String({
          default: '',
          pattern: `^$|^[^=,]+=(${roleWord})(,[^=,]+=(${roleWord}))*$`,
          description:
            'Which of its words gives which role, as Kerbside.Engineers=engineer, divided by commas; of several the highest. Who has none has no account.',
        }),
      },
      'Signing in by OpenID Connect',
    ),
  },
  { additionalProperties: false },
);

export type Config = Static<typeof schema>;
