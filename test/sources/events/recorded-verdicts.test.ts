import { describe, expect, it } from "vitest";
import { formatAddress, type RecordedVerdict } from "../../../src/model/index.ts";
import { firewallLogVerdicts, isNetEvents, netEventVerdicts, readFirewallLog, readNetEvents } from "../../../src/sources/index.ts";

const ends = ({ local, localPort, remote, remotePort }: RecordedVerdict) =>
  [local, remote]
    .map((address, index) => `${address === null ? "*" : formatAddress(address)}:${(index === 0 ? localPort : remotePort) ?? "*"}`)
    .join(" ");

const netEvent = (type: string, body: string, flags: readonly string[], more = "") => `<item><header>
<timeStamp>2026-01-31T08:00:01.250Z</timeStamp><flags>${flags.map((flag) => `<item>FWPM_NET_EVENT_FLAG_${flag}_SET</item>`).join("")}</flags>
<ipVersion>FWP_IP_VERSION_V4</ipVersion><ipProtocol>6</ipProtocol><localAddrV4>192.0.2.1</localAddrV4><remoteAddrV4>192.0.2.2</remoteAddrV4>
<localPort>445</localPort><remotePort>50000</remotePort><userId>S-1-5-18</userId><packageSid>S-1-0-0</packageSid></header>
<type>FWPM_NET_EVENT_TYPE_${type}</type>${body}${more}</item>`;
const ALL = ["IP_PROTOCOL", "LOCAL_ADDR", "REMOTE_ADDR", "LOCAL_PORT", "REMOTE_PORT", "USER_ID", "PACKAGE_ID", "IP_VERSION"];
const of = (...items: readonly string[]) =>
  netEventVerdicts(readNetEvents(`<netEvents>${items.join("")}</netEvents>`, { source: "netevents.xml", strict: true }));

describe("net events as verdicts", () => {
  it("are this machine's: local and remote, program, filter, sublayers", () => {
    const drop =
      "<classifyDrop><filterId>7</filterId><layerId>44</layerId><reauthReason>2</reauthReason><originalProfile>1</originalProfile><currentProfile>2</currentProfile><msFwpDirection>MS_FWP_DIRECTION_OUT</msFwpDirection><isLoopback>true</isLoopback></classifyDrop>";
    const internal =
      "<internalFields><terminatingFiltersInfo><item><filterId>7</filterId><subLayer>FWPP_SUBLAYER_INTERNAL_FIREWALL_WF</subLayer><actionType>FWP_ACTION_BLOCK</actionType></item></terminatingFiltersInfo><filterOrigin>Demo</filterOrigin><interfaceIndex>5</interfaceIndex></internalFields>";
    const [verdict] = of(netEvent("CLASSIFY_DROP", drop, ALL, internal));
    expect(verdict).toMatchObject({
      type: "verdict",
      position: { file: "netevents.xml", line: 1 },
      host: null,
      time: { seconds: Date.UTC(2026, 0, 31, 8, 0, 1, 250) / 1000, hasFraction: true },
      eventId: null,
      netEvent: "FWPM_NET_EVENT_TYPE_CLASSIFY_DROP",
      action: "block",
      // As printed, though the layer is of the other direction: one of Microsoft's samples has it so.
      direction: "out",
      layerId: 44,
      protocol: 6,
      user: "S-1-5-18",
      package: "none",
      originalProfile: 1,
      currentProfile: 2,
      isLoopback: true,
      isReauthorization: true,
      filterId: 7n,
      filterOrigin: "Demo",
      interfaceIndex: 5,
      terminatingFilters: [{ filterId: 7n, subLayer: "FWPP_SUBLAYER_INTERNAL_FIREWALL_WF", action: "block" }],
    });
    expect(verdict === undefined ? "" : ends(verdict)).toBe("192.0.2.1:445 192.0.2.2:50000");
  });

  it("CLASSIFY_ALLOW prints no direction: the layer has one; what is not set stays unknown", () => {
    const allow = (layer: number) => `<classifyAllow><filterId>0</filterId><layerId>${layer}</layerId></classifyAllow>`;
    const verdicts = of(...[44, 50, 12].map((layer) => netEvent("CLASSIFY_ALLOW", allow(layer), ["IP_VERSION"])));
    expect(verdicts.map(({ action, direction }) => `${action} ${direction}`)).toEqual(["permit in", "permit out", "permit null"]);
    expect(verdicts[0]).toMatchObject({ protocol: null, user: null, package: null, isReauthorization: null, isLoopback: null });
    expect(verdicts.map(ends)).toEqual(["*:* *:*", "*:* *:*", "*:* *:*"]);
  });

  it("are told from other files", () => {
    expect(isNetEvents('<?xml version="1.0"?>\n<netEvents numItems="0"/>')).toBe(true);
    expect(isNetEvents("<wfpdiag><filters/><netEvents/></wfpdiag>")).toBe(true);
    expect(isNetEvents("<wfpstate><layers/></wfpstate>")).toBe(false);
    expect(isNetEvents("<Events><Event/></Events>")).toBe(false);
  });
});

describe("pfirewall.log as verdicts", () => {
  const lines = (...rows: readonly string[]) =>
    firewallLogVerdicts(
      readFirewallLog(`#Fields: date time action protocol src-ip dst-ip src-port dst-port icmptype icmpcode path\n${rows.join("\n")}`, {
        source: "pfirewall.log",
        strict: true,
      }),
    );

  it("have no filter; the path says which end is this machine's, and which layer's verdict it is", () => {
    const verdicts = lines(
      "2026-01-31 08:00:00 DROP TCP 192.0.2.1 192.0.2.2 50000 445 - - RECEIVE",
      "2026-01-31 08:00:01 ALLOW UDP 192.0.2.2 192.0.2.1 50001 53 - - SEND",
      "2026-01-31 08:00:02 DROP ICMP 192.0.2.1 192.0.2.2 - - 8 0 RECEIVE",
      "2026-01-31 08:00:03 DROP 47 192.0.2.1 192.0.2.9 - - - - FORWARD",
    );
    expect(verdicts.map(({ action, direction, protocol }) => `${action} ${direction} ${protocol}`)).toEqual([
      "block in 6",
      "permit out 17",
      "block in 1",
      "block forward 47",
    ]);
    expect(verdicts.map(ends)).toEqual([
      "192.0.2.2:445 192.0.2.1:50000",
      "192.0.2.2:50001 192.0.2.1:53",
      "192.0.2.2:8 192.0.2.1:0",
      "192.0.2.1:* 192.0.2.9:*",
    ]);
    expect(verdicts.map(({ layerId }) => layerId)).toEqual([44, 48, 44, null]);
    expect(verdicts[0]).toMatchObject({
      filterId: null,
      eventId: null,
      position: { line: 2 },
      time: { seconds: Date.UTC(2026, 0, 31, 8) / 1000, hasFraction: false, text: "2026-01-31 08:00:00" },
    });
  });

  it("of Windows XP and 2003: OPEN goes out, OPEN-INBOUND comes in, CLOSE is no verdict", () => {
    const verdicts = lines(
      "2026-01-31 08:00:00 OPEN TCP 192.0.2.2 192.0.2.1 50000 80 - - -",
      "2026-01-31 08:00:01 OPEN-INBOUND TCP 192.0.2.1 192.0.2.2 50000 445 - - -",
      "2026-01-31 08:00:02 CLOSE TCP 192.0.2.1 192.0.2.2 50000 445 - - -",
      "2026-01-31 08:00:03 DROP TCP 192.0.2.1 192.0.2.2 50001 445 - - UNKNOWN",
    );
    expect(verdicts.map(({ action, direction }) => `${action} ${direction}`)).toEqual(["permit out", "permit in", "block in"]);
  });
});
