import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import type { Duplex } from 'node:stream';
import { KerbsideError, Unavailable, instant } from '../../device-profiles/vocabulary/index.ts';
import type { Admission } from './admission.ts';
import type { ClientCertificate } from './session.ts';

/** Where to listen. Port 0 lets the system choose one. */
export interface Listener {
  readonly host: string;
  readonly port: number;
  /** PEM texts; with them the listener speaks TLS 1.2 and 1.3 only. */
  readonly tls?: {
    readonly certificate: string;
    readonly key: string;
    /** Asks clients for a certificate, which they may have or not, signed by whomever. */
    readonly asksForCertificate?: boolean;
  };
}

export interface Listening {
  readonly address: AddressInfo;
  /** Takes no more connections; those that are open stay. Resolves when the last of them has gone. */
  stop(): Promise<void>;
  /** Ends what is still open, handshakes among them. */
  cut(): void;
}

/** Where a connection comes from, and what it showed on its way in. */
export interface Origin {
  readonly address: string;
  readonly certificate?: ClientCertificate;
}

export interface Arrivals {
  readonly admission: Admission;
  /** Time for a TLS handshake. */
  readonly withinMs: number;
  /** A connection that has been let in and, where that is due, has shaken hands. */
  arrived(stream: Duplex, from: Origin): void;
  refused(reason: 'too-many-connections' | 'too-many-from-address' | 'tls-handshake', address: string): void;
}

/** Devices vanish without a word when their network does: TCP itself asks after a minute of silence. */
const KEEP_ALIVE_MS = 60_000;

/**
 * @throws Unavailable (`port-in-use`); KerbsideError (`tls-unusable`) when certificate and key are none or do not fit.
 */
export const listen = async (listener: Listener, arrivals: Arrivals): Promise<Listening> => {
  const server = serverFor(listener, arrivals);
  const open = new Set<Socket>();
  // Before any handshake: a connection that finds no place costs no cryptography.
  server.on('connection', (socket: Socket) => {
    socket.on('error', ignore);
    const address = socket.remoteAddress ?? '';
    const entered = arrivals.admission.enter(address);
    if ('refused' in entered) {
      arrivals.refused(entered.refused, address);
      socket.destroy();
      return;
    }
    open.add(socket);
    socket.once('close', () => {
      open.delete(socket);
      entered.leave();
    });
    if (listener.tls === undefined) arrivals.arrived(socket, { address });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      reject(
        cause.code === 'EADDRINUSE'
          ? new Unavailable('port-in-use', `port ${listener.port} on ${listener.host} is taken by another program`, {
              cause,
            })
          : cause,
      );
    });
    server.listen(listener.port, listener.host, resolve);
  });
  server.on('error', ignore);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('a TCP server has an address');
  return {
    address,
    stop: () => new Promise((resolve) => void server.close(() => resolve())),
    cut: () => {
      for (const socket of open) socket.destroy();
    },
  };
};

const serverFor = ({ tls }: Listener, arrivals: Arrivals): Server => {
  const plain = { noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS };
  if (tls === undefined) return createServer(plain);
  try {
    const server = createTlsServer({
      ...plain,
      cert: tls.certificate,
      key: tls.key,
      minVersion: 'TLSv1.2',
      handshakeTimeout: arrivals.withinMs,
      // OpenSSL still has a client prove that it holds the key to what it shows; whose it is, the sign-in says.
      requestCert: tls.asksForCertificate === true,
      rejectUnauthorized: false,
    });
    server.on('secureConnection', (socket) => {
      socket.on('error', ignore);
      const certificate = certificateOf(socket);
      const address = socket.remoteAddress ?? '';
      arrivals.arrived(socket, certificate === undefined ? { address } : { address, certificate });
    });
    server.on('tlsClientError', (_error, socket) => {
      arrivals.refused('tls-handshake', socket.remoteAddress ?? '');
      socket.destroy();
    });
    return server;
  } catch (cause) {
    throw new KerbsideError(
      'tls-unusable',
      `the TLS certificate and key cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
};

/** The same on a resumed session: OpenSSL keeps the certificate in it, for TLS 1.2 and 1.3 alike. */
const certificateOf = (socket: TLSSocket): ClientCertificate | undefined => {
  const shown = socket.getPeerX509Certificate();
  if (shown === undefined) return undefined;
  const [from, to] = [shown.validFromDate.getTime(), shown.validToDate.getTime()];
  // Strangers choose what stands there: a date that is none makes it no certificate.
  if (!Number.isFinite(from) || !Number.isFinite(to)) return undefined;
  const fingerprint = shown.fingerprint256.replaceAll(':', '').toLowerCase();
  return { fingerprint, from: instant(from), to: instant(to) };
};

/** A connection that breaks is told by its 'close'. */
const ignore = (): void => {};
