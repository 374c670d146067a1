/**
 * How the correlation id begins with which a command of ours goes out to The Things Stack. It gives commands no id, but
 * repeats their correlation ids in all that it later says of them.
 */
export const correlationPrefix = 'kerbside:';
export const correlationOf = (downlink: string): string => correlationPrefix + downlink;
