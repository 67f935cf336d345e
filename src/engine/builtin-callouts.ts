import { CALLOUT_KEY, CONDITION_FLAG, FIELD_KEY, type Guid, UNKNOWN } from "../model/index.ts";
import type { Callout, ClassifyRequest } from "./callout.ts";

/** Applies options, marks, logs or notifies: it never permits or blocks (WFP-SEMANTICS 1.5, the table of built-in callouts). */
const NEVER_DECIDES: Callout = {
  classify(_request, out) {
    out.action = "continue";
  },
};

/**
 * SILENT_DROP: at the discard layer a block suppresses the stack's answer (D:preventing-port-scanning). It clears the write right, as
 * I:classify_fn1 tells a callout that blocks to do.
 */
const SILENT_DROP: Callout = {
  classify(_request, out) {
    out.action = "block";
    out.writable = false;
  },
};

/** SET_OPTIONS: hands the options of the filter's provider context to the stack (WFP-SEMANTICS 1.5). */
const SET_OPTIONS: Callout = {
  classify({ filter, stack }, out) {
    out.action = "continue";
    if (filter.providerContextKey !== null) stack?.applyOptions?.(filter.providerContextKey);
  },
};

/** Whether the packet is said to be protected by IPsec; undefined where nobody told. No security association is modelled. */
function isSecured({ layer, values }: ClassifyRequest): boolean | undefined {
  const index = layer.fields.findIndex((field) => field.key === FIELD_KEY.FLAGS);
  if (index < 0) return false;
  const flags = values[index] ?? UNKNOWN;
  if (flags === UNKNOWN) return undefined;
  return flags.type === "FWP_UINT32" && (flags.value & CONDITION_FLAG.IS_IPSEC_SECURED) !== 0;
}

/** IPsec enforcement: what the policy covers must have arrived protected, otherwise block (WFP-SEMANTICS 1.5). */
const REQUIRES_SECURITY: Callout = {
  knows: (request) => isSecured(request) !== undefined,
  classify(request, out) {
    if (isSecured(request) === true) {
      out.action = "continue";
      return;
    }
    out.action = "block";
    out.writable = false;
  },
};

/** Permits tunnel-mode packets at ALE accept; says nothing of others. */
const PERMITS_SECURED: Callout = {
  knows: (request) => isSecured(request) !== undefined,
  classify(request, out) {
    out.action = isSecured(request) === true ? "permit" : "continue";
  },
};

const models = new Map<string, Callout>();
const unregistered = new Set<string>();
for (const [name, key] of Object.entries(CALLOUT_KEY)) {
  const short = name.replace(/_V[46]$/, "");
  if (name.startsWith("TCP_CHIMNEY")) unregistered.add(key);
  if (name.includes("SILENT_DROP")) models.set(key, SILENT_DROP);
  else if (/^IPSEC_(INBOUND_TRANSPORT|INBOUND_TUNNEL|FORWARD_INBOUND_TUNNEL|INBOUND_INITIATE_SECURE)$/.test(short)) {
    models.set(key, REQUIRES_SECURITY);
  } else if (short === "IPSEC_INBOUND_TUNNEL_ALE_ACCEPT") models.set(key, PERMITS_SECURED);
  else if (short.startsWith("SET_OPTIONS")) models.set(key, SET_OPTIONS);
  // IPsec denial-of-service protection may drop by rate: nothing is known of it, so it stays opaque.
  else if (!short.startsWith("IPSEC_DOSP")) models.set(key, NEVER_DECIDES);
}

/** `{c3dbed20-0bb6-4bf3-828d-96732e1eKKLL}`: kinds 00 query user, 01 logging, 02 to 04 FTP (WFP-DIAGNOSTICS-FIREWALL 6.8). */
const windowsFirewall = /^\{c3dbed20-0bb6-4bf3-828d-96732e1e0[0-4][0-9a-f]{2}\}$/;

/** The model of a callout that comes with Windows, its firewall's included; undefined for anybody else's. */
export function builtInCallout(key: Guid): Callout | undefined {
  return models.get(key) ?? (windowsFirewall.test(key) ? NEVER_DECIDES : undefined);
}

/** Whether Windows has this built-in callout registered when nothing else is said: the chimney ones are not, on current builds. */
export function isBuiltInAndRegistered(key: Guid): boolean {
  return models.has(key) && !unregistered.has(key);
}

/** Whether `callout` is known to leave every decision alone, so that it need not be called. */
export function neverDecides(callout: Callout): boolean {
  return callout === NEVER_DECIDES;
}
