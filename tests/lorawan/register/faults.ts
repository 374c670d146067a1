/** What goes wrong with a call to a network server, on its wire. */
export type WireFault =
  /** Refused before anything was done. */
  | 'unavailable'
  /** Done, and the answer lost. */
  | 'answer-lost'
  /** Not done, and no answer either. */
  | 'silence'
  /** Trouble of its own, nothing done. */
  | 'internal';
export const wireFaults = ['unavailable', 'answer-lost', 'silence', 'internal'] as const satisfies readonly WireFault[];

/** Decides, call by call, what goes wrong. */
export interface FaultScript {
  /** Asked once for each call, with its name, such as `Create` or `PUT ns`. */
  next: (call: string) => WireFault | undefined;
  /** The names of the calls, in order. */
  readonly calls: string[];
  /** What the server says of trouble of its own. */
  words?: string;
}

export const faultScript = (): FaultScript => ({ next: () => undefined, calls: [] });

/** What a network server has of a device, in words that both of them share. */
export interface There {
  readonly name: string;
  readonly joinEui: string;
  readonly enabled: boolean;
  /** No frame of it can come through. */
  readonly silent: boolean;
  readonly tags: Readonly<Record<string, string>>;
  /** Upper-case hex; empty where there is none. */
  readonly appKey: string;
}
