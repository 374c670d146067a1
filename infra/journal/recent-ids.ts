import { randomInt } from 'node:crypto';
import type { UplinkId } from '../../device-profiles/vocabulary/index.ts';

/** An UplinkId is 22 characters of base64url, one byte each; the first 11 are its slot. */
const ID_BYTES = 22;
const SLOT_BYTES = 11;

/**
 * The ids of the newest uplinks, to tell a repeated message from a new one: of each slot only the newest counts. When
 * it is full, each new id pushes the oldest one out.
 *
 * Ids lie side by side in one buffer and are found through an open-addressing table, because a Set of 100,000 strings
 * takes four times the memory and gives the garbage collector 100,000 objects to walk over. For 100,000 ids it takes
 * 3.6 MB (22 + 4 bytes an id, 4 bytes a place in a table that is at most half full), all of it at once.
 */
export class RecentIds {
  readonly #capacity: number;
  /** A ring: the id in slot `n` begins at byte `n * ID_BYTES`. */
  readonly #ids: Uint8Array;
  readonly #hashes: Uint32Array;
  /** Where an id lies + 1, by the hash of its slot, 0 = empty place; linear probing. One place for each slot. */
  readonly #places: Uint32Array;
  readonly #mask: number;
  /** Differs in each process, so that nobody can send ids that all fall on one place. */
  readonly #seed = randomInt(2 ** 32);
  #next = 0;
  #count = 0;

  /** @param capacity how many ids are remembered, at least 1. */
  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#ids = new Uint8Array(capacity * ID_BYTES);
    this.#hashes = new Uint32Array(capacity);
    const places = 2 ** Math.ceil(Math.log2(capacity * 2));
    this.#places = new Uint32Array(places);
    this.#mask = places - 1;
  }

  add(id: UplinkId): void {
    const slot = this.#next;
    if (this.#count === this.#capacity) this.#forget(slot);
    else this.#count += 1;
    this.#next = slot + 1 === this.#capacity ? 0 : slot + 1;

    const hash = this.#hash(id);
    for (let i = 0; i < ID_BYTES; i += 1) this.#ids[slot * ID_BYTES + i] = id.charCodeAt(i);
    this.#hashes[slot] = hash;
    let place = hash & this.#mask;
    for (let taken = this.#places[place] ?? 0; taken !== 0; taken = this.#places[place] ?? 0) {
      // The slot is used again: what it held before is over.
      if (this.#hashes[taken - 1] === hash && this.#holds(taken - 1, id, SLOT_BYTES)) break;
      place = (place + 1) & this.#mask;
    }
    this.#places[place] = slot + 1;
  }

  /** Whether this is the newest id of its slot. */
  has(id: UplinkId): boolean {
    const hash = this.#hash(id);
    for (let place = hash & this.#mask; ; place = (place + 1) & this.#mask) {
      const taken = this.#places[place];
      if (taken === undefined || taken === 0) return false;
      if (this.#hashes[taken - 1] === hash && this.#holds(taken - 1, id, SLOT_BYTES))
        return this.#holds(taken - 1, id, ID_BYTES);
    }
  }

  #holds(slot: number, id: UplinkId, bytes: number): boolean {
    for (let i = 0; i < bytes; i += 1) if (this.#ids[slot * ID_BYTES + i] !== id.charCodeAt(i)) return false;
    return true;
  }

  /** FNV-1a over the slot. */
  #hash(id: UplinkId): number {
    let hash = this.#seed;
    for (let i = 0; i < SLOT_BYTES; i += 1) hash = Math.imul(hash ^ id.charCodeAt(i), 16_777_619);
    return (hash ^ (hash >>> 15)) >>> 0;
  }

  /** Empties a slot's place and moves back what was pushed on by it, so that no search stops too early (Knuth 6.4, algorithm R). */
  #forget(slot: number): void {
    let empty = this.#home(slot);
    while (this.#places[empty] !== slot + 1) {
      // A newer id of the same slot has taken its place.
      if (this.#places[empty] === 0) return;
      empty = (empty + 1) & this.#mask;
    }
    for (let place = empty; ;) {
      place = (place + 1) & this.#mask;
      const taken = this.#places[place];
      if (taken === undefined || taken === 0) break;
      const fromHome = (place - this.#home(taken - 1)) & this.#mask;
      const fromEmpty = (place - empty) & this.#mask;
      if (fromHome < fromEmpty) continue;
      this.#places[empty] = taken;
      empty = place;
    }
    this.#places[empty] = 0;
  }

  #home(slot: number): number {
    return (this.#hashes[slot] ?? 0) & this.#mask;
  }
}
