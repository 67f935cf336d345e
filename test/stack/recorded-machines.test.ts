import { describe, expect, it } from "vitest";
import { type AuditRecord, parseAddress } from "../../src/model/index.ts";
import { arrive, icmp } from "./packets.ts";
import { layersOf, TwoHosts, type TwoHostsOptions } from "./two-hosts.ts";

const SERVER = parseAddress("10.0.0.1");

function audits(hosts: TwoHosts, host: string): AuditRecord[] {
  return hosts.simulation.records.flatMap((record) => (record.type === "audit" && record.host === host ? [record] : []));
}

/** A datagram to a port of the server that nobody has, and what its log and the wire show. */
function closedPort(options: TwoHostsOptions, ...blocked: readonly string[]) {
  let errors = 0;
  const hosts = new TwoHosts({ ...options, tap: ({ packet }) => (errors += "message" in packet ? 1 : 0) });
  for (const layer of blocked) hosts.filter(hosts.server, layer);
  const socket = hosts.client.udpSocket({ family: 4, process: hosts.clientProcess });
  const seen = hosts.watch();
  socket.sendTo(new Uint8Array(1), SERVER, 53);
  hosts.simulation.run(1);
  const drops = audits(hosts, "server").filter(({ eventId }) => eventId === 5152);
  return { layers: layersOf(seen(), "server"), drops: drops.map(({ data }) => data.LayerRTID), errors };
}

/** What logs of Windows 10 and 11 machines show where Microsoft's pages are silent or say otherwise. */
describe("as recorded machines do", () => {
  const both = { interpretation: { closedUdpPort: "both-discards" } } as const;

  it("closedUdpPort: a datagram to a closed port passes the network's discard layer, and the transport's before it if asked for", () => {
    const error = ["OUTBOUND_ICMP_ERROR", "OUTBOUND_TRANSPORT", "OUTBOUND_IPPACKET"];
    expect(closedPort({}).layers).toEqual(["INBOUND_IPPACKET", "INBOUND_IPPACKET_DISCARD", ...error]);
    expect(closedPort(both).layers).toEqual(["INBOUND_IPPACKET", "INBOUND_TRANSPORT_DISCARD", "INBOUND_IPPACKET_DISCARD", ...error]);
  });

  it("closedUdpPort: a block at the transport's discard layer is logged, and the ICMP error has a verdict of its own all the same", () => {
    expect(closedPort(both, "INBOUND_TRANSPORT_DISCARD")).toMatchObject({ drops: ["13"], errors: 1 });
    expect(closedPort(both, "INBOUND_TRANSPORT_DISCARD", "OUTBOUND_ICMP_ERROR")).toMatchObject({ drops: ["13", "32"], errors: 0 });
    expect(closedPort({}, "INBOUND_TRANSPORT_DISCARD")).toMatchObject({ drops: [], errors: 1 });
  });

  it("each echo request is authorized, though it has the identifier of the one before", () => {
    const hosts = new TwoHosts();
    for (const sequence of [1, 2]) {
      arrive(hosts.server, icmp({ from: "10.0.0.2", to: "10.0.0.1" }, 8, 0, new Uint8Array(32), (1 << 16) | sequence));
    }
    const permitted = audits(hosts, "server").filter(({ eventId }) => eventId === 5156);
    expect(permitted.map(({ data }) => data.LayerRTID)).toEqual(["44", "44"]);
  });

  it("every packet of the flow that inbound broadcasts share has its 5156", () => {
    const hosts = new TwoHosts();
    const listener = hosts.server.udpSocket({ family: 4, process: hosts.serverProcess });
    listener.bind(null, 137);
    const sender = hosts.client.udpSocket({ family: 4, process: hosts.clientProcess });
    sender.bind(null, 137);
    for (let packet = 0; packet < 3; packet++) {
      sender.sendTo(new Uint8Array(1), parseAddress("10.0.0.255"), 137);
      hosts.simulation.run(1);
    }
    const permitted = audits(hosts, "server").filter(({ eventId }) => eventId === 5156);
    expect(permitted.map(({ data }) => data.LayerRTID)).toEqual(["44", "44", "44"]);
  });
});
