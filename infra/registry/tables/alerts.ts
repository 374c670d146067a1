/** Rules, and the alerts that came of them. */
export interface AlertTables {
  rule: {
    id: string;
    name: string;
    quantity: string;
    site: string | null;
    device: string | null;
    borough: string | null;
    condition: string;
    threshold: number;
    clear_at: number;
    for_ms: number;
    severity: string;
    enabled: number;
    revision: number;
  };
  alert: {
    id: string;
    rule: string;
    rule_name: string;
    severity: string;
    device: string;
    site: string | null;
    quantity: string;
    state: string;
    started_at: number;
    fired_at: number | null;
    resolved_at: number | null;
    value: number;
    value_at: number;
    worst: number;
    threshold: number;
    /** JSON: what the rule asked when it began. */
    asked: string | null;
    ending: string | null;
  };
  alert_deed: {
    id: number;
    alert: string;
    kind: string;
    at: number;
    actor_kind: string;
    actor: string;
    note: string | null;
  };
}
