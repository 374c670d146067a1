/**
 * The strength with which a gateway heard a frame, dBm; undefined where nobody said one. Gateways hear from about -140
 * dBm on and are overdriven well below 0, so 0 and more is what servers write, or leave out, of a gateway that did not
 * measure: taken for a reading it would be the best of all.
 */
export const rssiOf = (told: number | null | undefined): number | undefined =>
  told !== null && told !== undefined && told < 0 ? told : undefined;
