/**
 * Writes `examples/verify/`: the Security log of a server that runs wfplab's own server policy, and what crossed the wire meanwhile:
 *
 *     npx tsx scripts/generate-verify-example.ts
 *
 * As real pairs of files have it, the log's clock is two hours behind and has whole seconds.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { Bfe } from "../src/engine/index.ts";
import { DEFAULT_INTERFACE, DEMO_SERVER, defaultPolicy } from "../src/firewall/index.ts";
import { parseAddress } from "../src/model/index.ts";
import { desktopProcess, ethernet, Simulation } from "../src/stack/index.ts";
import { LINK_TYPE, PcapngWriter } from "../src/wire/index.ts";

const TARGET = "examples/verify";
const START = Date.UTC(2026, 0, 31, 8) / 1000;
const LOG_BEHIND = 2 * 3600;
/** The address and interface that the shipped policy is for: another would be in quarantine. */
const SERVER = "10.0.0.5";
const CLIENT = "10.0.0.9";
const { luid, quarantineEpoch } = DEFAULT_INTERFACE;
const FROM = new Uint8Array(0);

const interpretation = { closedUdpPort: "both-discards" } as const;
const simulation = new Simulation({ delay: 0.004 });
const host = (name: string, address: string, bfe: Bfe) =>
  simulation.addHost({
    name,
    windows: "10",
    bfe,
    interfaces: [
      ethernet({
        index: 12,
        addresses: [`${address}/24`],
        profile: "public",
        luid,
        quarantineEpoch: { 4: quarantineEpoch, 6: quarantineEpoch },
      }),
    ],
  });
const server = host("SERVER1", SERVER, new Bfe({ windows: "10", policy: defaultPolicy("server", { windows: "10" }), interpretation }));
const client = host("CLIENT1", CLIENT, new Bfe({ windows: "10" }));

const pieces: Uint8Array[] = [];
const writer = new PcapngWriter((bytes) => pieces.push(bytes.slice()), { application: "wfplab", comment: "made by wfplab's own hosts" });
writer.addInterface({ linkType: LINK_TYPE.raw, name: "Ethernet", resolution: 6 });
simulation.network.tap(({ bytes, time }) => {
  const microseconds = Math.round(time * 1e6);
  writer.packet({
    interfaceIndex: 0,
    seconds: START + Math.floor(microseconds / 1e6),
    nanoseconds: (microseconds % 1e6) * 1000,
    data: bytes,
  });
});

const listen = (path: string, port: number): void => {
  const socket = server.socket({ family: 4, process: desktopProcess(path, 1200 + (port % 100)) });
  socket.bind(null, port);
  socket.listen();
};
const program = desktopProcess("C:\\Program Files\\Demo\\client.exe", 4321);
const connect = (port: number): void => {
  client.socket({ family: 4, process: program }).connect(parseAddress(SERVER), port);
};

// The demo server has a rule; the administration port has a listener and no rule; nobody has the UDP port.
listen(DEMO_SERVER.program, DEMO_SERVER.port);
listen("C:\\Program Files\\Demo\\admin.exe", 9090);
simulation.run(2.3);
connect(DEMO_SERVER.port);
simulation.run(5.1);
connect(9090);
simulation.run(40);
const udp = client.udpSocket({ family: 4, process: program });
udp.sendTo(FROM, parseAddress(SERVER), 5000);
simulation.run(3);
udp.sendTo(FROM, parseAddress(SERVER), 5000);
simulation.run(2);
writer.flush();

const two = (value: number): string => String(value).padStart(2, "0");
const wholeSecond = (time: number): string => {
  const date = new Date(Math.floor(START + time - LOG_BEHIND) * 1000);
  const day = `${date.getUTCFullYear()}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}`;
  return `${day} ${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
};
const lines = simulation.records.flatMap((record) => {
  if (record.type !== "audit" || record.host !== "SERVER1") return [];
  const { eventId, time, data, host: name } = record;
  // Windows writes a 5152 beside each 5157; collectors that keep the connections only are common.
  if (eventId === 5152 && data.LayerRTID === "44") return [];
  return [JSON.stringify({ EventID: eventId, Hostname: name, EventTime: wholeSecond(time), Channel: "Security", ...data })];
});
mkdirSync(TARGET, { recursive: true });
writeFileSync(`${TARGET}/server.security.jsonl`, `${lines.join("\n")}\n`);
writeFileSync(`${TARGET}/server.pcapng`, Buffer.concat(pieces));
