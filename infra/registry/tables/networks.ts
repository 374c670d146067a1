/** What LoRaWAN network servers are to know, and what is to be sent by them. */
export interface NetworkTables {
  network_device: {
    network: string;
    dev_eui: string;
    device: string;
    wanted: string;
    state: string;
    print: string;
    remote: string | null;
    reason: string | null;
    detail: string | null;
    attempts: number;
    changed_at: number;
    next_at: number | null;
  };
  downlink: {
    id: string;
    device: string;
    network: string;
    f_port: number;
    /** Hexadecimal. */
    payload: string;
    confirmed: number;
    state: string;
    remote: string | null;
    reason: string | null;
    detail: string | null;
    by_kind: string;
    by_name: string;
    created_at: number;
    changed_at: number;
    attempts: number;
    next_at: number | null;
  };
}
