import { describe, expect, it } from "vitest";
import { builtInCallout, FilterEngine } from "../../src/engine/index.ts";
import {
  CALLOUT_KEY,
  CONDITION_FLAG,
  EMPTY,
  FIELD_KEY,
  type FieldValue,
  type Filter,
  type Guid,
  type LayerName,
  UNKNOWN,
  uint32,
} from "../../src/model/index.ts";
import { BLOCK, BQ, either, filter, guid, layerNamed, PERMIT, policy, terminating, U } from "./policy-lab.ts";

/** Outcome of a filter with the callout, above a permit and a block in lower sublayers' order given. */
function outcome(name: LayerName, action: Filter["action"], flags: FieldValue, lower: Filter["action"] = PERMIT): string {
  const layer = layerNamed(name);
  const values = layer.fields.map((field): FieldValue => (field.key === FIELD_KEY.FLAGS ? flags : EMPTY));
  const engine = new FilterEngine(
    policy([filter({ id: 1, action, layer, subLayer: BQ }), filter({ id: 2, action: lower, layer, subLayer: U })]),
  );
  const { verdict, code } = engine.classify(layer, values);
  return `${verdict} ${code}`;
}

const PLAIN = uint32(0);
const SECURED = uint32(CONDITION_FLAG.IS_IPSEC_SECURED);

describe("callouts that come with Windows", () => {
  it("SILENT_DROP blocks at the discard layer, for good", () => {
    expect(outcome("INBOUND_TRANSPORT_V4_DISCARD", terminating(CALLOUT_KEY.WFP_TRANSPORT_LAYER_V4_SILENT_DROP), PLAIN)).toBe(
      "block CALLOUT_BLOCK",
    );
    expect(outcome("INBOUND_TRANSPORT_V6_DISCARD", terminating(CALLOUT_KEY.WFP_TRANSPORT_LAYER_V6_SILENT_DROP), PLAIN)).toBe(
      "block CALLOUT_BLOCK",
    );
  });

  it("IPsec enforcement blocks what is not secured, and cannot tell where nobody says", () => {
    const enforce = terminating(CALLOUT_KEY.IPSEC_INBOUND_TRANSPORT_V4);
    expect(outcome("INBOUND_TRANSPORT_V4", enforce, PLAIN)).toBe("block CALLOUT_BLOCK");
    expect(outcome("INBOUND_TRANSPORT_V4", enforce, SECURED)).toBe("permit FILTER_PERMIT");
    expect(outcome("INBOUND_TRANSPORT_V4", enforce, UNKNOWN)).toBe("indeterminate INDETERMINATE_CALLOUT");
    const accept = terminating(CALLOUT_KEY.IPSEC_INBOUND_INITIATE_SECURE_V4);
    expect(outcome("ALE_AUTH_RECV_ACCEPT_V4", accept, PLAIN)).toBe("block CALLOUT_BLOCK");
  });

  it("the tunnel callout at accept permits secured packets only", () => {
    const accept = terminating(CALLOUT_KEY.IPSEC_INBOUND_TUNNEL_ALE_ACCEPT_V4);
    expect(outcome("ALE_AUTH_RECV_ACCEPT_V4", accept, SECURED)).toBe("permit CALLOUT_PERMIT");
    expect(outcome("ALE_AUTH_RECV_ACCEPT_V4", accept, PLAIN)).toBe("permit FILTER_PERMIT");
  });

  it.each([
    "EDGE_TRAVERSAL_ALE_LISTEN_V4",
    "SET_OPTIONS_AUTH_CONNECT_LAYER_V4",
    "TCP_TEMPLATES_CONNECT_LAYER_V4",
    "POLICY_SILENT_MODE_AUTH_CONNECT_LAYER_V4",
    "RESERVED_AUTH_CONNECT_LAYER_V4",
    "BUILT_IN_RESERVED_3",
    "OUTBOUND_NETWORK_CONNECTION_POLICY_LAYER_V4",
    "IPSEC_OUTBOUND_TRANSPORT_V4",
    "IPSEC_ALE_CONNECT_V4",
  ] as const)("%s never decides", (name) => {
    expect(outcome("ALE_AUTH_CONNECT_V4", terminating(CALLOUT_KEY[name]), PLAIN, BLOCK)).toBe("block FILTER_BLOCK");
  });

  it("never decides either where an undecided callout is taken for a block", () => {
    const layer = layerNamed("ALE_AUTH_LISTEN_V4");
    const edge = filter({ id: 1, action: terminating(CALLOUT_KEY.EDGE_TRAVERSAL_ALE_LISTEN_V4), layer });
    const engine = new FilterEngine(policy([edge]), { interpretation: { undecidedTerminatingCallout: "block" } });
    expect(engine.classify(layer, []).code).toBe("NO_MATCH_PERMIT");
  });

  it("chimney offload is not registered on current builds", () => {
    expect(outcome("ALE_AUTH_CONNECT_V4", terminating(CALLOUT_KEY.TCP_CHIMNEY_CONNECT_LAYER_V4), PLAIN)).toBe(
      "block CALLOUT_UNREGISTERED_BLOCK",
    );
  });

  it("Windows Firewall's own never decide, by kind", () => {
    const queryUser: Guid = "{c3dbed20-0bb6-4bf3-828d-96732e1e0028}";
    expect(builtInCallout(queryUser)).toBeDefined();
    expect(builtInCallout("{c3dbed20-0bb6-4bf3-828d-96732e1e0528}")).toBeUndefined();
    const layer = layerNamed("ALE_AUTH_LISTEN_V4");
    const partial = { ...policy([filter({ id: 1, action: either(queryUser), layer })]), completeness: "filters" as const };
    expect(new FilterEngine(partial).classify(layer, []).code).toBe("NO_MATCH_PERMIT");
  });

  it("know nothing of denial-of-service protection or of strangers", () => {
    expect(builtInCallout(CALLOUT_KEY.IPSEC_DOSP_FORWARD_V4)).toBeUndefined();
    expect(builtInCallout(guid(5))).toBeUndefined();
  });
});
