import { Unavailable } from '../device-profiles/vocabulary/index.ts';
import { variableOf, type Config } from '../infra/config/index.ts';

/** Where each listener's port is set. */
const listeners = [
  { path: ['http', 'port'], portOf: ({ http }: Config) => http.port },
  { path: ['mqtt', 'port'], portOf: ({ mqtt }: Config) => mqtt.port },
  { path: ['mqtt', 'tlsPort'], portOf: ({ mqtt }: Config) => mqtt.tlsPort },
  { path: ['lorawan', 'udpPort'], portOf: ({ lorawan }: Config) => lorawan.udpPort },
  { path: ['feeds', 'mqttPort'], portOf: ({ feeds }: Config) => feeds.mqttPort },
] as const;

/** The error of a listener whose port is taken, with the variable that moves it; any other error as it is. */
export const withPortAdvice = (error: unknown, config: Config): unknown => {
  const taken = takenPort(error);
  if (taken === undefined) return error;
  const listener = listeners.find(({ portOf }) => portOf(config) === taken);
  const remedy = listener === undefined ? '' : `; stop that one, or set ${variableOf(listener.path)} to a free port`;
  return new Unavailable('port-in-use', `port ${taken} is taken by another program${remedy}`, { cause: error });
};

/** The port that the system says is in use, however deep in the causes it says so. */
const takenPort = (error: unknown): number | undefined => {
  if (!(error instanceof Error)) return undefined;
  if ('code' in error && error.code === 'EADDRINUSE' && 'port' in error && typeof error.port === 'number')
    return error.port;
  return takenPort(error.cause);
};
