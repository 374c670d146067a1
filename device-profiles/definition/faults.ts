import { Invalid } from '../vocabulary/errors.ts';

/** One thing that is wrong with a profile, and where. */
export interface Fault {
  /** Path of the file or folder. */
  readonly file: string;
  /** 1-based; undefined where the whole file is meant. */
  readonly line?: number;
  readonly problem: string;
}

/** `catalogue/acme/walkby/profile.yaml:12  fields.co2.unit: no way from "[ppb]" to [ppm]` */
export const faultLine = ({ file, line, problem }: Fault): string =>
  `${file}${line === undefined ? '' : `:${line}`}  ${problem}`;

/** All that is wrong with the profiles, at once. Code `catalogue-invalid`. */
export class CatalogueInvalid extends Invalid {
  override readonly name = 'CatalogueInvalid';
  readonly faults: readonly Fault[];
  constructor(faults: readonly Fault[]) {
    super(
      'catalogue-invalid',
      `${faults.length} fault${faults.length === 1 ? '' : 's'} in device profiles\n${faults.map((fault) => `  ${faultLine(fault)}`).join('\n')}`,
    );
    this.faults = faults;
  }
}
