/** Devices, what they are told and how they are corrected, and where they stand. */
export interface DeviceTables {
  device: {
    id: string;
    dev_eui: string | null;
    join_eui: string | null;
    serial: string | null;
    profile: string;
    name: string;
    status: string;
    status_since: number;
    /** JSON of names and texts. */
    variables: string | null;
    /** JSON list of device ids and patterns, of a gateway device. */
    speaks_for: string | null;
    created_at: number;
    revision: number;
  };
  credential: {
    id: string;
    device: string;
    kind: string;
    /** Of a token its HMAC, of a certificate its SHA-256, base64url. */
    digest: string;
    created_at: number;
    expires_at: number | null;
  };
  lorawan_keys: {
    device: string;
    /** JSON list of the names of the keys that are in `sealed`. */
    held: string;
    dev_addr: string | null;
    /** The keys, encrypted: see seal.ts. */
    sealed: string;
    changed_at: number;
  };
  abp_counter: { device: string; dev_addr: string; f_cnt: number; at: number };
  calibration: {
    id: string;
    device: string;
    quantity: string;
    version: number;
    from_at: number;
    to_at: number | null;
    /** JSON. */
    correction: string;
    /** JSON. */
    fit: string | null;
    author: string;
    reason: string;
    created_at: number;
    withdrawn_at: number | null;
  };
  site: {
    id: string;
    name: string;
    street: string | null;
    usrn: string | null;
    postcode: string | null;
    asset: string | null;
    latitude: number | null;
    longitude: number | null;
    borough: string | null;
    ward: string | null;
    published: number;
    created_at: number;
    revision: number;
  };
  deployment: {
    device: string;
    site: string;
    from_at: number;
    to_at: number | null;
  };
  /** What was set for a site or a device; `kind` says which. `settings`: JSON. */
  quality: { kind: string; subject: string; settings: string; revision: number };
}
