import { Bfe } from "../../engine/index.ts";
import { type Interpretation, type Policy, parseAddress, type SessionRecord, type WindowsVersion } from "../../model/index.ts";
import { desktopProcess, ethernet, Simulation } from "../../stack/index.ts";

/** The scenario's name in suites. */
export const FORWARDED = "forwarded";

const OUTSIDE = "192.0.2.99";
const PORT = 443;
/** Seconds of simulated time: longer than a datagram takes. */
const PATIENCE = 5;

/**
 * A virtual machine (`client`) sends a datagram through the Windows machine (`host`), which has the policy, to a machine outside (`server`):
 * forwarded packets meet the IPFORWARD layers and none of ALE (WFP-SHIMS 4.2).
 */
export function runForwarded(
  policy: Policy,
  windows: WindowsVersion,
  interpretation: Partial<Interpretation> = {},
): readonly SessionRecord[] {
  const simulation = new Simulation();
  const plain = () => new Bfe({ windows });
  const client = simulation.addHost({
    name: "client",
    windows,
    bfe: plain(),
    interfaces: [ethernet({ index: 12, addresses: ["172.20.0.2/24"], link: "virtual", gateways: ["172.20.0.1"] })],
  });
  simulation.addHost({
    name: "host",
    windows,
    bfe: new Bfe({ policy, windows, interpretation }),
    interfaces: [
      ethernet({ index: 12, addresses: ["192.0.2.10/24"], forwarding: true }),
      ethernet({ index: 13, addresses: ["172.20.0.1/24"], forwarding: true, link: "virtual" }),
    ],
  });
  const server = simulation.addHost({
    name: "server",
    windows,
    bfe: plain(),
    interfaces: [ethernet({ index: 12, addresses: [`${OUTSIDE}/24`] })],
  });
  const listener = server.udpSocket({ family: 4, process: desktopProcess("C:\\Program Files\\Server\\server.exe", 1234) });
  listener.bind(null, PORT);
  listener.receive();
  const sender = client.udpSocket({ family: 4, process: desktopProcess("C:\\Program Files\\Client\\client.exe", 4321) });
  sender.sendTo(
    Uint8Array.from("through", (letter) => letter.charCodeAt(0)),
    parseAddress(OUTSIDE),
    PORT,
  );
  simulation.run(PATIENCE);
  return simulation.records;
}
