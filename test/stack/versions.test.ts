import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { Bfe } from "../../src/engine/index.ts";
import {
  existsIn,
  FIELD_KEY,
  type FieldName,
  type IndicationRecord,
  LAYER_KEY,
  layersOfWindows,
  parseAddress,
  SUBLAYER_KEY,
  WINDOWS_VERSIONS,
  type WindowsVersion,
} from "../../src/model/index.ts";
import { desktopProcess, ethernet, FEATURES, type Feature, has, hasLayer, Simulation } from "../../src/stack/index.ts";

describe("the table of features (WFP-SHIMS 4.13)", () => {
  const availableOn = (windows: WindowsVersion) => (Object.keys(FEATURES) as Feature[]).filter((feature) => has(feature, windows));

  it("what came stays, but for the flag of implicit binds", () => {
    for (const [index, windows] of WINDOWS_VERSIONS.entries()) {
      const before = WINDOWS_VERSIONS[index - 1];
      if (before === undefined) continue;
      const lost = availableOn(before).filter((feature) => !has(feature, windows));
      expect(lost).toEqual(windows === "7" ? ["implicitBindFlag"] : []);
      expect(availableOn(windows).length).toBeGreaterThan(availableOn(before).length);
    }
  });

  it("agrees with the layers, fields and sublayers of the model's tables", () => {
    const layerSince = (key: string) => WINDOWS_VERSIONS.find((windows) => layersOfWindows(windows).some((layer) => layer.key === key));
    const fieldSince = (name: FieldName) =>
      layersOfWindows("11")
        .flatMap(({ fields }) => fields)
        .find(({ key }) => key === FIELD_KEY[name])?.since;
    expect(layerSince(LAYER_KEY.ALE_CONNECT_REDIRECT_V4)).toBe(FEATURES.redirection.since);
    expect(layerSince(LAYER_KEY.ALE_ENDPOINT_CLOSURE_V4)).toBe(FEATURES.closureAndRelease.since);
    expect(layerSince(LAYER_KEY.STREAM_PACKET_V4)).toBe(FEATURES.streamPacket.since);
    expect(layerSince(LAYER_KEY.NAME_RESOLUTION_CACHE_V4)).toBe(FEATURES.nameResolution.since);
    expect(layerSince(LAYER_KEY.KM_AUTHORIZATION)).toBe(FEATURES.keyingAuthorization.since);
    expect(layerSince(LAYER_KEY.OUTBOUND_NETWORK_CONNECTION_POLICY_V4)).toBe(FEATURES.connectionPolicy.since);
    expect(layerSince(LAYER_KEY.INBOUND_MAC_FRAME_NATIVE)).toBe(FEATURES.macLayers.since);
    expect(layerSince(LAYER_KEY.INGRESS_VSWITCH_ETHERNET)).toBe(FEATURES.virtualSwitchLayers.since);
    expect(layerSince(LAYER_KEY.INBOUND_TRANSPORT_FAST)).toBe(FEATURES.fastLayers.since);
    expect(fieldSince("REAUTHORIZE_REASON")).toBe(FEATURES.reauthorizeReason.since);
    expect(fieldSince("ORIGINAL_PROFILE_ID")).toBe(FEATURES.profileFields.since);
    expect(fieldSince("ALE_SIO_FIREWALL_SYSTEM_PORT")).toBe(FEATURES.systemPort.since);
    expect(fieldSince("ALE_PACKAGE_ID")).toBe(FEATURES.appContainers.since);
    expect(fieldSince("COMPARTMENT_ID")).toBe(FEATURES.compartmentId.since);
    expect(fieldSince("ALE_PACKAGE_FAMILY_NAME")).toBe(FEATURES.packageFamilyName.since);
    expect(fieldSince("RPC_OPNUM")).toBe(FEATURES.rpcOpnum.since);
    for (const windows of WINDOWS_VERSIONS) {
      const sublayers = new Bfe({ windows }).policy.subLayers.map(({ key }) => key);
      expect(sublayers.includes(SUBLAYER_KEY.MPSSVC_APP_ISOLATION)).toBe(has("appIsolationSublayer", windows));
    }
  });
});

describe("the table of the specification (WFP-SHIMS 4.13)", () => {
  /** Its rows, each entry by the feature that stands for it here; what only Vista RTM lacks exists in every version. */
  it.each([
    ["vista", ["implicitBindFlag", "arrivalInterfaceReauthorization", "reassembledFlag"]],
    [
      "7",
      [
        ...["sameFieldOr", "notEqual", "redirection", "closureAndRelease", "streamPacket", "nameResolution", "keyingAuthorization"],
        ...["nexthopReauthorization", "profileReauthorization", "profileFields", "reauthorizeReason", "classifyOptions"],
        ...["streamDynamicInspection", "dosProtection"],
      ],
    ],
    [
      "8",
      [
        ...["macLayers", "virtualSwitchLayers", "appContainers", "appContainerLoopbackFlags", "redirectRecords", "flowAbort"],
        ...["tcpTemplates", "classifyAllowEvents", "capabilityEvents", "indexedFilters", "fastLayers"],
      ],
    ],
    ["10", ["compartmentId", "effectiveName"]],
    ["11", ["filterOrigin", "appIsolationSublayer", "acceptRedirect", "connectionPolicy", "packageFamilyName", "rpcOpnum"]],
  ] as const)("Windows %s", (since, features) => {
    for (const feature of features) expect([feature, FEATURES[feature as Feature].since]).toEqual([feature, since]);
  });

  it("nothing outside the table compares versions by name", () => {
    const src = fileURLToPath(new URL("../../src/", import.meta.url));
    const files = readdirSync(src, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
    expect(files.length).toBeGreaterThan(300);
    const comparing = files.filter((name) => /indows\)? *[!=]== *"(vista|7|8|10|11)"|existsIn\("/.test(readFileSync(src + name, "utf8")));
    expect(comparing).toEqual([]);
  });
});

const program = desktopProcess("C:\\Lab\\lab.exe", 4711);

/** A connection, a datagram and a loopback connection on one Windows, with every layer indicated. */
function session(windows: WindowsVersion): readonly IndicationRecord[] {
  const simulation = new Simulation();
  const host = (name: string, last: number) =>
    simulation.addHost({
      name,
      windows,
      bfe: new Bfe({ windows }),
      interfaces: [ethernet({ index: 12, addresses: [`10.0.0.${last}/24`] })],
      allLayers: true,
    });
  const client = host("client", 2);
  const server = host("server", 1);
  for (const machine of [client, server]) {
    const listener = machine.socket({ family: 4, process: program });
    listener.bind(null, 80);
    listener.listen();
    listener.accept();
  }
  const connect = (to: string) => {
    const socket = client.socket({ family: 4, process: program });
    const opening = socket.connect(parseAddress(to), 80);
    simulation.runUntil(() => opening.done);
    socket.close();
    simulation.run();
  };
  connect("10.0.0.1");
  connect("127.0.0.1");
  client.udpSocket({ family: 4, process: program }).sendTo(new Uint8Array(8), parseAddress("10.0.0.1"), 53);
  simulation.run();
  return simulation.records.filter((record): record is IndicationRecord => record.type === "indication");
}

describe.each(WINDOWS_VERSIONS)("a session on Windows %s", (windows) => {
  const records = session(windows);
  const layers = new Set(records.map(({ layer }) => layer.name.replace(/^FWPM_LAYER_|_V4.*$/g, "")));
  const flags = new Set(records.flatMap((record) => record.flags));

  it("indicates at the layers it has", () => {
    const present = (feature: Feature, names: readonly string[]) => {
      for (const name of names) expect(layers.has(name), name).toBe(has(feature, windows));
    };
    present("redirection", ["ALE_BIND_REDIRECT", "ALE_CONNECT_REDIRECT"]);
    present("closureAndRelease", ["ALE_ENDPOINT_CLOSURE", "ALE_RESOURCE_RELEASE"]);
    present("streamPacket", ["STREAM_PACKET"]);
    present("macLayers", ["INBOUND_MAC_FRAME_ETHERNET", "INBOUND_MAC_FRAME_NATIVE", "OUTBOUND_MAC_FRAME_NATIVE"]);
    for (const always of ["ALE_RESOURCE_ASSIGNMENT", "ALE_AUTH_LISTEN", "ALE_AUTH_CONNECT", "ALE_AUTH_RECV_ACCEPT", "INBOUND_TRANSPORT"]) {
      expect(layers.has(always), always).toBe(true);
    }
    expect(records.every(({ layer }) => hasLayer(layer, windows))).toBe(true);
  });

  it("with the fields it has", () => {
    for (const { layer, values } of records) {
      expect(values.length).toBe(layer.fields.length);
      expect(layer.fields.filter(({ since }) => !existsIn(since, windows))).toEqual([]);
    }
    const connect = records.find(({ layer }) => layer.key === LAYER_KEY.ALE_AUTH_CONNECT_V4);
    const fields = connect?.layer.fields.map(({ name }) => name) ?? [];
    expect(fields.includes("REAUTHORIZE_REASON")).toBe(has("reauthorizeReason", windows));
    expect(fields.includes("CURRENT_PROFILE_ID")).toBe(has("profileFields", windows));
    expect(fields.includes("ALE_PACKAGE_ID")).toBe(has("appContainers", windows));
    expect(fields.includes("COMPARTMENT_ID")).toBe(has("compartmentId", windows));
  });

  it("and the flags it has", () => {
    expect(flags.has("IS_IMPLICIT_BIND")).toBe(has("implicitBindFlag", windows));
    expect(flags.has("IS_NON_APPCONTAINER_LOOPBACK")).toBe(has("appContainerLoopbackFlags", windows));
    expect(flags.has("IS_LOOPBACK")).toBe(true);
  });
});

describe("services for callouts", () => {
  it.each([
    ["vista", [false, false]],
    ["7", [true, false]],
    ["8", [true, true]],
  ] as const)("Windows %s: options of flows, FwpsFlowAbort0", (windows, expected) => {
    const simulation = new Simulation();
    const host = simulation.addHost({
      name: "host",
      windows,
      bfe: new Bfe({ windows }),
      interfaces: [ethernet({ index: 12, addresses: ["10.0.0.1/24"] })],
    });
    const seen: boolean[][] = [];
    const key = "{ca110000-0000-4000-8000-000000000001}";
    host.engine.registerCallout(key, {
      classify({ stack }, out) {
        seen.push([stack?.applyOptions !== undefined, stack?.abortFlow !== undefined]);
        out.action = "continue";
      },
    });
    const bfe = host.bfe.openSession({ name: "services" });
    const layer = LAYER_KEY.ALE_FLOW_ESTABLISHED_V4;
    bfe.addCallout({ key, name: "services", applicableLayer: layer });
    bfe.addFilter({ name: "services", layer, conditions: [], action: { type: "FWP_ACTION_CALLOUT_INSPECTION", calloutKey: key } });
    host.udpSocket({ family: 4, process: program }).sendTo(new Uint8Array(8), parseAddress("10.0.0.2"), 53);
    simulation.run();
    expect(seen).toEqual([expected]);
  });
});
