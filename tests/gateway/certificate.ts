import { execFileSync } from 'node:child_process';
import { createECDH, generateKeyPairSync, sign, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireProgram } from '../servers/programs.ts';

/** DER (X.690): a tag, a length, the contents. */
const der = (tag: number, ...contents: readonly Buffer[]): Buffer => {
  const body = Buffer.concat(contents);
  const length =
    body.length < 128
      ? [body.length]
      : body.length < 256
        ? [0x81, body.length]
        : [0x82, body.length >> 8, body.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
};
const sequence = (...contents: readonly Buffer[]): Buffer => der(0x30, ...contents);
const oid = (...bytes: readonly number[]): Buffer => der(0x06, Buffer.from(bytes));
const utcTime = (time: Date | string): Buffer =>
  der(
    0x17,
    Buffer.from(typeof time === 'string' ? time : `${time.toISOString().replaceAll(/[-:T]/g, '').slice(2, 14)}Z`),
  );

const ecdsaWithSha256 = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));
const commonName = sequence(der(0x31, sequence(oid(0x55, 0x04, 0x03), der(0x0c, Buffer.from('Kerbside test')))));
const subjectAltName = sequence(oid(0x55, 0x1d, 0x11), der(0x04, sequence(der(0x87, Buffer.of(127, 0, 0, 1)))));

const pem = (label: string, bytes: Buffer): string =>
  `-----BEGIN ${label}-----\n${bytes.toString('base64').replaceAll(/.{64}/g, '$&\n')}\n-----END ${label}-----\n`;

/** A key and the certificate that goes with it, in PEM. */
export interface Certified {
  readonly key: string;
  readonly cert: string;
}

/**
 * A key and a self-signed certificate for 127.0.0.1 (RFC 5280), for a day, that nobody but its test trusts.
 * @param validity other dates; a text stands in the certificate as it is.
 */
export const certificate = ({
  from = new Date(Date.now() - 3_600_000),
  to = new Date(Date.now() + 86_400_000),
}: { readonly from?: Date | string; readonly to?: Date | string } = {}): Certified => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const validity = sequence(utcTime(from), utcTime(to));
  const signed = sequence(
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, Buffer.of(1)),
    ecdsaWithSha256,
    commonName,
    validity,
    commonName,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(subjectAltName)),
  );
  const signature = der(0x03, Buffer.of(0), sign('sha256', signed, privateKey));
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: pem('CERTIFICATE', sequence(signed, ecdsaWithSha256, signature)),
  };
};

/**
 * A key that passes for that of a P-256 certificate until something is signed with it: the public half is the
 * certificate's, the private half another's (RFC 5915). Programs that check only whether the halves which they can see
 * agree will use it.
 */
export const keyWithoutSecret = (cert: string): string => {
  const point = new X509Certificate(cert).publicKey.export({ type: 'spki', format: 'der' }).subarray(-65);
  const scalar = createECDH('prime256v1');
  scalar.generateKeys();
  const octets = Buffer.concat([Buffer.alloc(32), scalar.getPrivateKey()]).subarray(-32);
  return pem(
    'EC PRIVATE KEY',
    sequence(
      der(0x02, Buffer.of(1)),
      der(0x04, octets),
      der(0xa0, oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07)),
      der(0xa1, der(0x03, Buffer.of(0), point)),
    ),
  );
};

/** The same as programs make it that people have: `openssl req -x509`, for 30 days. */
export const byOpenssl = (name: string, ...kind: readonly string[]): Certified => {
  const folder = mkdtempSync(join(tmpdir(), 'kerbside-openssl-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const algorithm = kind.length > 0 ? kind : ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
  try {
    const files = ['-keyout', key, '-out', cert];
    const args = ['req', '-x509', ...algorithm, '-nodes', ...files, '-subj', `/CN=${name}`, '-days', '30'];
    execFileSync(requireProgram('openssl'), args, { stdio: 'ignore' });
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
};
