import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { programPath } from './programs.ts';

/** A real server that a test started, in a temporary folder of its own. */
export interface Daemon {
  /** On 127.0.0.1; the same again after `restart`. */
  readonly port: number;
  readonly folder: string;
  /** The process now running. @throws Error when none is. */
  pid(): number;
  /** What the server wrote so far, both streams: for the message of a test that failed. */
  output(): string;
  /** Asks the server to end (SIGTERM), waits for it, and removes the folder. Idempotent. */
  stop(): Promise<void>;
  /** SIGKILL, as a power cut would; the folder stays, for `restart`. */
  kill(): Promise<void>;
  /** Starts it again on the same port and folder. */
  restart(): Promise<void>;
  /** SIGSTOP, and waits until all of its threads stand still: connections are still accepted by the kernel, and nothing answers. */
  pause(): Promise<void>;
  /** SIGCONT. */
  resume(): void;
}

export interface DaemonPlan {
  readonly name: string;
  readonly command: string;
  /** Written for each start; 0 when the server may choose the port itself. */
  readonly prepare: (
    folder: string,
    port: number,
  ) => Promise<{ readonly args: readonly string[]; readonly env?: Readonly<Record<string, string>> }>;
  /** The port to ask for first: 0 where the server can choose and says which in its output. */
  readonly port: number;
  /** Looks at the output so far: the port once the server listens, undefined before. */
  readonly listening: (output: string, port: number) => number | undefined;
}

/** A loaded machine of two cores has taken 3 s to start influxd; beyond 30 s something is wrong. */
const START_WITHIN_MS = 30_000;
/** influxd flushes its cache when asked to end, mosquitto its database; beyond 10 s they are killed. */
const STOP_WITHIN_MS = 10_000;

/** Starts a server and answers when it listens. @throws Error with the server's own words when it does not. */
export const startDaemon = async (plan: DaemonPlan): Promise<Daemon> => {
  const folder = await mkdtemp(join(tmpdir(), `kerbside-${plan.name}-`));
  let running: Running | undefined;
  let port = plan.port;
  let history = '';

  const start = async (): Promise<void> => {
    const { args, env } = await plan.prepare(folder, port);
    const started = launch(plan.command, args, { folder, env: env ?? {} });
    running = started;
    try {
      port = await started.until((output) => plan.listening(output, port), plan.name);
    } catch (error) {
      await started.end('SIGKILL');
      throw error;
    }
  };
  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    const ending = running;
    running = undefined;
    if (ending === undefined) return;
    await ending.end(signal);
    history += ending.output();
  };
  const live = (): Running => {
    if (running === undefined) throw new Error(`${plan.name} is not running`);
    return running;
  };

  try {
    await start();
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  return {
    port,
    folder,
    pid: () => live().pid,
    output: () => history + (running?.output() ?? ''),
    stop: async () => {
      await end('SIGTERM');
      await rm(folder, { recursive: true, force: true });
    },
    kill: () => end('SIGKILL'),
    restart: async () => {
      await end('SIGTERM');
      await start();
    },
    pause: async () => {
      live().signal('SIGSTOP');
      await standsStill(live().pid);
    },
    resume: () => live().signal('SIGCONT'),
  };
};

const STILL_WITHIN_MS = 10_000;

/** A signal is on its way when it is sent: a thread that runs on another core goes on for a while. Linux only. */
const standsStill = async (pid: number): Promise<void> => {
  const tasks = `/proc/${pid}/task`;
  for (const began = performance.now(); performance.now() - began < STILL_WITHIN_MS;) {
    const states = await Promise.all(
      (await readdir(tasks)).map(async (task) => {
        const stat = await readFile(join(tasks, task, 'stat'), 'utf8');
        // The name before it, in brackets, may hold anything.
        return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
      }),
    );
    if (states.every((state) => state === 'T')) return;
    await sleep(5);
  }
  throw new Error(`process ${pid} does not stand still`);
};

interface Running {
  readonly pid: number;
  output(): string;
  signal(signal: NodeJS.Signals): void;
  until(found: (output: string) => number | undefined, name: string): Promise<number>;
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

/** So that a test run which is itself killed leaves no server behind: the kernel then ends the child (Linux only). */
const tied = (command: string, args: readonly string[]): [string, string[]] => {
  const setpriv = programPath('setpriv');
  return setpriv === undefined ? [command, [...args]] : [setpriv, ['--pdeathsig', 'KILL', '--', command, ...args]];
};

const launch = (
  command: string,
  args: readonly string[],
  { folder, env }: { folder: string; env: Readonly<Record<string, string>> },
): Running => {
  const [file, argv] = tied(command, args);
  const child = spawn(file, argv, {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', HOME: folder, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  let text = '';
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      for (const listener of listeners) listener();
    });
  }
  const atExit = (): void => void child.kill('SIGKILL');
  process.once('exit', atExit);
  void ended.then(() => process.off('exit', atExit));
  child.once('error', (error) => {
    text += `${error.message}\n`;
  });
  return {
    pid: child.pid ?? 0,
    output: () => text,
    signal: (signal) => void child.kill(signal),
    until: (found, name) => listening({ child, name, found: () => found(text), output: () => text, listeners }),
    end: async (signal) => {
      child.kill('SIGCONT');
      child.kill(signal);
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
      await ended;
      clearTimeout(timer);
    },
  };
};

interface Listening {
  readonly child: ChildProcess;
  readonly name: string;
  readonly found: () => number | undefined;
  readonly output: () => string;
  readonly listeners: Set<() => void>;
}

const listening = ({ child, name, found, output, listeners }: Listening): Promise<number> =>
  new Promise((resolve, reject) => {
    const settle = (outcome: () => void): void => {
      clearTimeout(timer);
      listeners.delete(look);
      child.off('close', closed);
      outcome();
    };
    const look = (): void => {
      const port = found();
      if (port !== undefined) settle(() => resolve(port));
    };
    const fail = (why: string): void => settle(() => reject(new Error(`${name} ${why}:\n${output().slice(-4000)}`)));
    const closed = (): void => fail('ended before it listened');
    const timer = setTimeout(() => fail(`did not listen within ${START_WITHIN_MS} ms`), START_WITHIN_MS);
    child.once('close', closed);
    listeners.add(look);
    look();
  });

/** A loopback port that was free a moment ago: for servers that cannot choose one themselves. */
export const freePort = async (): Promise<number> => {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
};
