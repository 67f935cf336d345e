import type { BfeSession } from "../../engine/index.ts";
import { type Guid, type Layer, type Policy, PROVIDER_KEY } from "../../model/index.ts";
import { type CalloutKind, firewallCallout } from "./callout-keys.ts";
import { FAMILIES, LAYERS, type LayerPair } from "./layers.ts";

/** The firewall service's callouts that the compiler's filters use, with what each tells about itself. */
const CALLOUTS: readonly (readonly [CalloutKind, LayerPair, string])[] = [
  ["query-user", LAYERS.resourceAssignment, "tells the service that a program binds a UDP port"],
  ["query-user", LAYERS.listen, "tells the service that a program listens"],
  ["logging", LAYERS.recvAcceptDiscard, "logs dropped inbound connections"],
  ["logging", LAYERS.connectDiscard, "logs dropped outbound connections"],
  ["ftp-control", LAYERS.recvAccept, "admits data connections that an FTP control channel announced"],
  ["ftp-control", LAYERS.connect, "admits data connections that an FTP control channel announced"],
  ["ftp-flow", LAYERS.flowEstablished, "marks FTP control channels"],
  ["ftp-stream", LAYERS.stream, "reads FTP control channels"],
];

/**
 * Adds the firewall's callouts to the engine, those excepted that it has. Its providers and sublayers are built in
 * (WFP-DIAGNOSTICS-FIREWALL 6.1).
 */
export function addCallouts(session: BfeSession, policy: Policy): readonly Guid[] {
  const layers = new Map<Guid, Layer>(policy.layers.map((layer) => [layer.key, layer]));
  const known = new Set(policy.callouts.map((callout) => callout.key));
  const keys: Guid[] = [];
  for (const [kind, pair, task] of CALLOUTS) {
    for (const family of FAMILIES) {
      const layer = layers.get(pair[family]);
      if (layer === undefined) continue;
      const key = firewallCallout(kind, layer);
      keys.push(key);
      if (known.has(key)) continue;
      session.addCallout({
        key,
        name: `Windows Firewall ${kind}`,
        description: `Callout of the firewall service: ${task}.`,
        applicableLayer: layer.key,
        providerKey: PROVIDER_KEY.MPSSVC_WF,
      });
    }
  }
  return keys;
}
