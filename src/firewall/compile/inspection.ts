import { SOCKET_PROPERTY_FLAG, SUBLAYER_KEY } from "../../model/index.ts";
import { firewallCallout } from "./callout-keys.ts";
import type { CompileContext } from "./compile-context.ts";
import { flagsClear, portIs, protocolIs } from "./conditions.ts";
import { FAMILIES, LAYERS } from "./layers.ts";
import { PROTOCOL } from "./numbers.ts";
import { MAX_WEIGHT } from "./weights.ts";

const FTP_CONTROL_PORT = 21;

/** Callouts that watch: the log of dropped packets, and FTP, whose data connections a control channel announces (6.2, 6.8). */
export function compileInspection({ writer, config }: CompileContext): void {
  if (!config.inspection) return;
  const common = { subLayer: SUBLAYER_KEY.MPSSVC_WF, weight: MAX_WEIGHT };
  for (const family of FAMILIES) {
    for (const layer of [LAYERS.connectDiscard[family], LAYERS.recvAcceptDiscard[family]]) {
      const calloutKey = firewallCallout("logging", writer.layer(layer));
      writer.write({ ...common, name: "Log of dropped connections", layer, action: { type: "FWP_ACTION_CALLOUT_INSPECTION", calloutKey } });
    }

    const tcp = protocolIs(PROTOCOL.tcp);
    const ftp = { ...common, name: "FTP follower" };
    const stream = LAYERS.stream[family];
    const streamKey = firewallCallout("ftp-stream", writer.layer(stream));
    writer.write({ ...ftp, layer: stream, action: { type: "FWP_ACTION_CALLOUT_UNKNOWN", calloutKey: streamKey } });

    const accept = LAYERS.recvAccept[family];
    writer.write({
      ...ftp,
      layer: accept,
      action: { type: "FWP_ACTION_CALLOUT_UNKNOWN", calloutKey: firewallCallout("ftp-control", writer.layer(accept)) },
      conditions: [tcp, flagsClear(SOCKET_PROPERTY_FLAG.IS_SYSTEM_PORT_RPC, "ALE_SIO_FIREWALL_SYSTEM_PORT"), portIs("local", 1024, 65535)],
    });
    const connect = LAYERS.connect[family];
    writer.write({
      ...ftp,
      layer: connect,
      action: { type: "FWP_ACTION_CALLOUT_UNKNOWN", calloutKey: firewallCallout("ftp-control", writer.layer(connect)) },
      conditions: [tcp, portIs("remote", 1024, 65535)],
    });

    const established = LAYERS.flowEstablished[family];
    const flowKey = firewallCallout("ftp-flow", writer.layer(established));
    for (const side of ["remote", "local"] as const) {
      writer.write({
        ...ftp,
        layer: established,
        action: { type: "FWP_ACTION_CALLOUT_INSPECTION", calloutKey: flowKey },
        conditions: [tcp, portIs(side, FTP_CONTROL_PORT)],
      });
    }
  }
}
