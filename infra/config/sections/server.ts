import { Type } from 'typebox';
import { host, port, section } from './shapes.ts';

/** Settings of the server itself: what it logs, and where people and partners reach it. */

/** What is logged: `log`. */
export const log = section(
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
);

/** The HTTP server: `http`. */
export const http = section(
  {
    host: host(),
    port: port(8080, 'API, pages, Socket.IO and MQTT over WebSocket (/mqtt).'),
    publicUrl: Type.Optional(
      Type.String({
        pattern: '^https?://[^/?#\\s]+(/[^?#\\s]*)?$',
        description:
          'Where people reach it, such as https://sensors.example.gov.uk: what the QR codes of labels say, ' +
          'and links for people. https: cookies then need TLS.',
      }),
    ),
    proxies: Type.String({
      default: '',
      pattern: '^$|^[0-9A-Fa-f.:]+(/\\d{1,3})?(,[0-9A-Fa-f.:]+(/\\d{1,3})?)*$',
      description:
        'Addresses or networks of the proxies before it, divided by commas: ' +
        'they are believed who asks, and whether over TLS. Nobody else is.',
    }),
  },
  'The HTTP server',
);

/** Feeds for partners: `feeds`. */
export const feeds = section(
  {
    mqttHost: host(),
    mqttPort: port(1884, 'Read-only MQTT for partners.'),
  },
  'Feeds for partners',
);
