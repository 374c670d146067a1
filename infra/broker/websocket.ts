import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, createWebSocketStream } from 'ws';
import type { Arrivals } from './listeners.ts';

/** MQTT 3.1.1, 6: the subprotocol has this name. */
const SUBPROTOCOL = 'mqtt';

/**
 * MQTT over WebSocket on an HTTP server that serves other things too: upgrades of other paths are left to their owners.
 * Answers how to stop taking connections.
 */
export const attachWebSocket = (
  server: Server,
  {
    path,
    maxMessageBytes,
    arrivals,
  }: { readonly path: string; readonly maxMessageBytes: number; readonly arrivals: Arrivals },
): (() => void) => {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: maxMessageBytes,
    perMessageDeflate: false,
    handleProtocols: () => SUBPROTOCOL,
  });
  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    if (request.url?.split('?', 1)[0] !== path) return;
    const offered = request.headers['sec-websocket-protocol']?.split(',').map((name) => name.trim()) ?? [];
    if (!offered.includes(SUBPROTOCOL)) {
      socket.end(
        'HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: text/plain\r\n\r\nThis path speaks MQTT: ask for the WebSocket subprotocol "mqtt".\n',
      );
      return;
    }
    const address = request.socket.remoteAddress ?? '';
    const entered = arrivals.admission.enter(address);
    if ('refused' in entered) {
      arrivals.refused(entered.refused, address);
      socket.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 30\r\n\r\n');
      return;
    }
    socket.once('close', entered.leave);
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const stream = createWebSocketStream(webSocket, { allowHalfOpen: false });
      stream.on('error', () => {});
      arrivals.arrived(stream, { address });
    });
  };
  server.on('upgrade', upgrade);
  return () => {
    server.removeListener('upgrade', upgrade);
    sockets.close();
  };
};
