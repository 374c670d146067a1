import type { Duplex } from 'node:stream';
import type { Client } from 'aedes';
import type { Metrics } from '../metrics/index.ts';
import type { BrokerRefusal } from './refusals.ts';
import type { ClientCertificate, Principal, SignInRefusal } from './session.ts';

/** One connection that has sent its CONNECT. */
export interface Visitor<Who extends Principal> {
  readonly stream: Duplex;
  readonly address: string;
  readonly certificate: ClientCertificate | undefined;
  /** Set once it is signed in. */
  who?: Who;
  /** Set once it has been told that it is not. */
  refusal?: SignInRefusal;
  /** Its end has been counted and said, or needs neither. */
  settled: boolean;
  /** Nothing that still comes from it is taken, its Will included. */
  barred: boolean;
  /** What it subscribed to. */
  filters?: Set<string>;
}

/** Counts a refusal and, the first time, says it. */
export type Refuse = (reason: string, fields: Record<string, unknown>, message: string) => void;

/** Who is here: the visitor of each aedes client, and the signed-in ones by principal. */
export class Visitors<Who extends Principal> {
  readonly #name: string;
  readonly #metrics: Metrics;
  readonly #refuse: Refuse;
  readonly #byClient = new WeakMap<Client, Visitor<Who>>();
  readonly #live = new Map<string, Set<Visitor<Who>>>();
  #sessions = 0;

  constructor(name: string, metrics: Metrics, refuse: Refuse) {
    this.#name = name;
    this.#metrics = metrics;
    this.#refuse = refuse;
  }

  get sessions(): number {
    return this.#sessions;
  }

  add(client: Client, visitor: Visitor<Who>): void {
    this.#byClient.set(client, visitor);
  }

  of(client: Client | null): Visitor<Who> | undefined {
    return client === null ? undefined : this.#byClient.get(client);
  }

  sessionsOf(principal: string): number {
    return this.#live.get(principal)?.size ?? 0;
  }

  /** Once for each connection. */
  principals(): readonly Who[] {
    return [...this.#live.values()].flatMap((here) => [...here].flatMap(({ who }) => (who === undefined ? [] : [who])));
  }

  /** Signed in until its stream closes. */
  signIn(visitor: Visitor<Who>, who: Who): void {
    visitor.who = who;
    const here = this.#live.get(who.name) ?? new Set();
    this.#live.set(who.name, here.add(visitor));
    this.#count(1);
    visitor.stream.once('close', () => {
      here.delete(visitor);
      if (here.size === 0) this.#live.delete(who.name);
      this.#count(-1);
    });
  }

  /** Counts a refusal of something that a visitor asked for. */
  refuse(visitor: Visitor<Who> | undefined, reason: string, message: string): void {
    this.#refuse(reason, { address: visitor?.address, who: visitor?.who?.name ?? visitor?.refusal?.client }, message);
  }

  /** Closes a visitor's connection and counts why, once. */
  end(visitor: Visitor<Who>, reason: BrokerRefusal, message: string): void {
    if (!visitor.settled) this.refuse(visitor, reason, message);
    visitor.settled = true;
    visitor.stream.destroy();
  }

  /** Closes all connections of a principal; answers how many. */
  disconnect(principal: string): number {
    return cut([...(this.#live.get(principal) ?? [])]);
  }

  /** Closes the connections whose principals are unwanted; answers how many. Asks once for each connection. */
  disconnectWhere(unwanted: (who: Who) => boolean): number {
    const found: Visitor<Who>[] = [];
    for (const here of this.#live.values())
      for (const visitor of here) if (visitor.who !== undefined && unwanted(visitor.who)) found.push(visitor);
    return cut(found);
  }

  #count(change: 1 | -1): void {
    this.#sessions += change;
    this.#metrics.connected.labels(this.#name).set(this.#sessions);
  }
}

/** Closes connections, their Wills unpublished. Neither is a refusal: whoever asked for it knows why. */
const cut = <Who extends Principal>(visitors: readonly Visitor<Who>[]): number => {
  for (const visitor of visitors) {
    visitor.settled = true;
    visitor.barred = true;
    visitor.stream.destroy();
  }
  return visitors.length;
};
