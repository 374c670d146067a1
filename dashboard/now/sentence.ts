/** How things are, in the sentence that begins the first page: `41 of 44 sensors reporting, 2 alerts`. */
export const sentence = ({
  sensors,
  reporting,
  alerts,
}: {
  readonly sensors: number;
  readonly reporting: number;
  readonly alerts: number;
}): string => {
  if (sensors === 0) return 'No sensors are registered yet';
  const heard = `${count(reporting)} of ${count(sensors)} ${sensors === 1 ? 'sensor' : 'sensors'} reporting`;
  return `${heard}, ${alerts === 0 ? 'no' : count(alerts)} ${alerts === 1 ? 'alert' : 'alerts'}`;
};

const count = (n: number): string => n.toLocaleString('en-GB');
