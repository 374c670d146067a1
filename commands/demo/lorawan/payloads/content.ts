/** A frame's port and content, before it is encrypted. */
export interface Content {
  readonly fPort: number;
  readonly payload: Uint8Array;
}
