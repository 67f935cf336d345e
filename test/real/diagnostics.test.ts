import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { defaultPolicy } from "../../src/firewall/index.ts";
import type { AuditRecord } from "../../src/model/index.ts";
import { auditEventXml } from "../../src/report/index.ts";
import { ethernet, type Host } from "../../src/stack/index.ts";
import { address, program, text, World } from "../stack/diagnostics/world.ts";

/** Recorded events 5031 and 515x of Windows 10 machines against what the model writes: their form, never what they tell. */

const data = fileURLToPath(new URL("../../../shared/data/", import.meta.url));

type Recorded = Readonly<Record<string, string | number>>;

/** What the exporters call their own; the rest is the event's. */
const ENVELOPE = new Set(
  [
    ...["@timestamp", "ActivityID", "Category", "Channel", "Computer", "EventID", "EventReceivedTime", "EventTime", "EventType"],
    ...["ExecutionProcessID", "Hostname", "Level", "Opcode", "OpcodeValue", "ProviderGuid", "RecordNumber", "Severity", "SeverityValue"],
    ...["SourceName", "Task", "ThreadID", "Time", "TimeCreated", "Version"],
  ].map((name) => name.toLowerCase()),
);

function recordedEvents(): readonly Recorded[] {
  if (!existsSync(data)) return [];
  const files = [
    ...readdirSync(`${data}events`).map((name) => `${data}events/${name}`),
    ...readdirSync(`${data}pairs`).map((name) => `${data}pairs/${name}/wfp_events.jsonl`),
  ].filter((file) => file.endsWith(".jsonl") && existsSync(file));
  return files
    .flatMap((file) => readFileSync(file, "utf8").split("\n"))
    .filter((line) => line !== "")
    .map((line): Recorded => JSON.parse(line))
    .filter(({ EventID: id }) => id === 5031 || (Number(id) >= 5150 && Number(id) <= 5159));
}

/** What kind of text stands in a field; numbers and codes of layers, directions and protocols stand for themselves. */
function form(name: string, value: string): string {
  switch (name) {
    case "SourceAddress":
    case "DestAddress":
      if (value === "0.0.0.0" || value === "::") return value;
      return /^\d+\.\d+\.\d+\.\d+$/.test(value) ? "IPv4" : /^[0-9a-f:]+$/.test(value) ? "IPv6" : value;
    case "SourcePort":
    case "DestPort":
    case "ProcessID":
    case "ProcessId":
    case "FilterRTID":
      return /^\d+$/.test(value) ? "decimal" : value;
    case "Application":
      if (value === "System" || value === "-") return value;
      return value.startsWith("\\device\\") && value === value.toLowerCase() ? "device path" : /^[A-Z]:\\/.test(value) ? "DOS path" : value;
    default:
      return value;
  }
}

/** The event's names and the forms of its values, in no order: exporters sort as they like, and spell the process id alike. */
function shape(eventId: number, fields: Readonly<Record<string, string | number>>): string {
  const parts = Object.entries(fields)
    .filter(([name]) => !ENVELOPE.has(name.toLowerCase()))
    .map(([name, value]) => `${name === "ProcessID" ? "ProcessId" : name}=${form(name, String(value))}`);
  return `${eventId} ${parts.sort().join(" ")}`;
}

/** Everything of which machines have left events: TCP, UDP, ICMP and IGMP, of a program and of the system, permitted and blocked. */
function modelledEvents(): readonly AuditRecord[] {
  const audits: AuditRecord[] = [];
  const play = (act: (hosts: { world: World; client: Host; server: Host }) => void) => {
    const world = new World({ windows: "10", interpretation: { closedUdpPort: "both-discards" } });
    const client = world.plain("client", 2);
    const server = world.plain("server", 1);
    act({ world, client, server });
    for (const record of world.run()) if (record.type === "audit") audits.push(record);
  };
  const system = { ...program, path: "System", processId: 4 };
  for (const [family, to, any] of [
    [4, "10.0.0.1", "10.0.0.1"],
    [6, "2001:db8::1", "2001:db8::1"],
  ] as const) {
    for (const process of [program, system]) {
      for (const bindTo of [null, address(any)]) {
        play(({ client, server }) => {
          const listener = server.socket({ family, process });
          listener.bind(bindTo, 80);
          listener.listen();
          listener.accept();
          client.socket({ family, process }).connect(address(to), 80);
        });
        play(({ client, server }) => {
          server.udpSocket({ family, process }).bind(bindTo, 53);
          client.udpSocket({ family, process }).sendTo(text("hello"), address(to), 53);
        });
      }
    }
    play(({ client }) => {
      client.ping(address(to));
    });
  }
  play(({ server }) => {
    server.socket({ family: 6, dualStack: true, process: program }).bind(null, 80);
    server.udpSocket({ family: 6, dualStack: true, process: program }).bind(null, 53);
  });
  play(({ client }) => {
    client.rawSocket({ family: 4, process: system, protocol: 2 }).sendTo(text("report"), address("10.0.0.1"));
  });
  play(({ client }) => {
    client.rawSocket({ family: 4, process: program, protocol: 2 }).sendTo(text("report"), address("10.0.0.1"));
  });
  for (const layer of ["OUTBOUND_ICMP_ERROR_V4", "INBOUND_TRANSPORT_V4_DISCARD"] as const) {
    play(({ world, client, server }) => {
      world.filter(server, layer);
      client.udpSocket({ family: 4, process: program }).sendTo(text("hello"), address("10.0.0.1"), 53);
      client.socket({ family: 4, process: program }).connect(address("10.0.0.1"), 80);
    });
  }
  play(({ world, client, server }) => {
    world.filter(server, "ALE_AUTH_RECV_ACCEPT_V4");
    const listener = server.socket({ family: 4, process: program });
    listener.bind(null, 80);
    listener.listen();
    client.socket({ family: 4, process: program }).connect(address("10.0.0.1"), 80);
  });
  const world = new World({ windows: "10", policy: defaultPolicy("desktop", { windows: "10" }) });
  const domain = world.host("server", [ethernet({ index: 12, addresses: ["10.0.0.5/24"], profile: "domain" })]);
  const socket = domain.socket({ family: 4, process: program });
  socket.bind(null, 4000);
  socket.listen();
  return [...audits, ...world.audits(domain)];
}

describe.skipIf(!existsSync(data))("audit events that machines have written (../shared/data/events, pairs)", () => {
  const recorded = recordedEvents();
  const modelled = modelledEvents();

  it("are thousands, of six kinds", () => {
    expect(recorded.length).toBeGreaterThan(6000);
    expect([...new Set(recorded.map(({ EventID }) => Number(EventID)))].sort()).toEqual([5031, 5152, 5154, 5156, 5157, 5158]);
  });

  it("have the names, codes and forms of values that the model's have", () => {
    const written = new Set(modelled.map(({ eventId, data: fields }) => shape(eventId, fields)));
    const unknown = new Set(recorded.map(({ EventID, ...fields }) => shape(Number(EventID), fields)).filter((one) => !written.has(one)));
    expect([...unknown]).toEqual([]);
  });

  it("spell the process id of 5156 and 5157 as the model does where the exporter keeps its case", () => {
    const spelt = (id: number) =>
      new Set(modelled.filter(({ eventId }) => eventId === id).flatMap(({ data: fields }) => Object.keys(fields)));
    for (const { EventID, ...fields } of recorded) {
      if ("ProcessID" in fields) expect(spelt(Number(EventID))).toContain("ProcessID");
    }
    expect(spelt(5158)).toContain("ProcessId");
  });

  it("have the version, task, outcome and writer that the model's XML has", () => {
    const header = new Map<number, string>();
    for (const record of modelled) header.set(record.eventId, auditEventXml(record, { computer: "x", startTime: "2026-01-01T00:00:00Z" }));
    let compared = 0;
    for (const { EventID, Version, Task, EventType, ExecutionProcessID, ProviderGuid } of recorded) {
      const xml = header.get(Number(EventID)) ?? "";
      if (Version !== undefined) expect(xml).toContain(`<Version>${Version}</Version>`);
      if (Task !== undefined) expect(xml).toContain(`<Task>${Task}</Task>`);
      if (ProviderGuid !== undefined) expect(xml).toContain(`Guid="${String(ProviderGuid).toUpperCase()}"`);
      if (EventType !== undefined) {
        expect(xml).toContain(`<Keywords>0x80${EventType === "AUDIT_SUCCESS" ? "2" : "1"}0000000000000</Keywords>`);
      }
      // The firewall's service has a process id of its own.
      if (ExecutionProcessID !== undefined && Number(EventID) !== 5031) {
        expect(xml).toContain(`<Execution ProcessID="${ExecutionProcessID}" `);
      }
      compared++;
    }
    expect(compared).toBe(recorded.length);
  });
});
