import { Bfe, builtInPolicy } from "../../../engine/index.ts";
import {
  type AuditRecord,
  addressTypeOf,
  type Filter,
  type Guid,
  type Interpretation,
  type Policy,
  parseAddress,
  SUBLAYER_KEY,
  type WindowsVersion,
} from "../../../model/index.ts";
import { desktopProcess, ethernet, type Host, Simulation, type Transit, type UdpSocket } from "../../../stack/index.ts";
import { IP_PROTOCOL } from "../../../wire/index.ts";
import { isOpening } from "./find-packets.ts";
import { isManyText } from "./flow-case.ts";
import { packetBytes } from "./packet-bytes.ts";
import type { SeenPacket } from "./seen-packet.ts";

/** A verdict that Windows recorded: the filter that gave it, at its layer. */
export interface RecordedRule {
  readonly layerId: number;
  /** 0: the log names none; a permit then needs none. */
  readonly filterId: bigint;
  readonly action: "permit" | "block";
}

/** A flow to be played to the model's host, as the capture has it. */
export interface WitnessedFlow {
  readonly windows: WindowsVersion;
  /** Addresses of the host, at least one of the flow's family. */
  readonly hostAddresses: readonly string[];
  readonly protocol: number;
  /** The host's end: its own address, or the group or broadcast address it listens to. */
  readonly localAddress: string;
  readonly localPort: number;
  /** The recorded filters, which are the host's whole policy. */
  readonly rules: readonly RecordedRule[];
  /** In order of time. */
  readonly packets: readonly SeenPacket[];
  /** Its first datagram leaves then; what left before was another program's. */
  readonly sendsFrom: number;
  /** Whether a program has the port. */
  readonly isOpen: boolean;
}

/** An event of the Security log that the model's host writes. */
export interface ModelEvent {
  readonly eventId: AuditRecord["eventId"];
  readonly layerId: number;
  readonly filterId: bigint;
  /** Seconds since 1970, by the clock of the capture. */
  readonly time: number;
}

export interface ModelOutcome {
  readonly events: readonly ModelEvent[];
  /** What the host sent without a program having asked for it: SYN-ACK, RST, ICMP. */
  readonly answers: readonly { readonly time: number; readonly kind: "SYN-ACK" | "RST" | "ICMP error" | "ICMP message" | "other" }[];
}

/** Where recorded machines are known to differ from Microsoft's pages, which the project follows otherwise. */
const AS_RECORDED: Partial<Interpretation> = { closedUdpPort: "both-discards" };
const INTERFACE = 12;
const PROGRAM = "C:\\recorded.exe";
const UNNAMED = 1n;

/** Filter engines by their rules: most flows of a machine were decided by the same few filters. */
export type ModelEngines = Map<string, Bfe>;

/** Plays the packets of one flow to a host whose only filters are those that Windows recorded, and tells what that host logs and answers. */
export function runModelHost(flow: WitnessedFlow, engines: ModelEngines = new Map()): ModelOutcome {
  const start = flow.packets[0]?.time ?? 0;
  const { windows } = flow;
  const simulation = new Simulation({ delay: 0 });
  const host = simulation.addHost({
    name: "recorded",
    windows,
    bfe: engineOf(flow, engines),
    interfaces: [
      ethernet({ index: INTERFACE, addresses: flow.hostAddresses.map((address) => `${address}/${address.includes(":") ? 64 : 24}`) }),
    ],
  });
  const answers: ModelOutcome["answers"][number][] = [];
  simulation.network.tap((transit) => {
    const kind = kindOf(transit);
    if (kind !== null) answers.push({ time: start + transit.time, kind });
  });
  if (flow.protocol === IP_PROTOCOL.tcp) playTcp(simulation, host, flow, start);
  else if (flow.protocol === IP_PROTOCOL.udp) playUdp(simulation, host, flow, start);
  else playOthers(simulation, host, flow, start);
  simulation.run((flow.packets.at(-1)?.time ?? start) - start + 0.5);
  const events = simulation.records.flatMap((record): ModelEvent[] => {
    if (record.type !== "audit" || record.data.LayerRTID === undefined) return [];
    const { LayerRTID, FilterRTID = "0" } = record.data;
    return [{ eventId: record.eventId, layerId: Number(LayerRTID), filterId: BigInt(FilterRTID), time: start + record.time }];
  });
  return { events, answers };
}

function engineOf({ rules, windows }: WitnessedFlow, engines: ModelEngines): Bfe {
  const key = `${windows} ${rules.map(({ layerId, filterId, action }) => `${layerId}:${filterId}:${action}`).join()}`;
  const bfe = engines.get(key) ?? new Bfe({ windows, policy: policyOf(rules, windows), interpretation: AS_RECORDED });
  engines.set(key, bfe);
  return bfe;
}

/** A Windows that has nothing but the recorded filters, each without conditions: it was recorded to decide these very packets. */
function policyOf(rules: readonly RecordedRule[], windows: WindowsVersion): Policy {
  const empty = builtInPolicy(windows);
  const filters = rules.flatMap(({ layerId, filterId, action }, index): Filter[] => {
    const layer = empty.layers.find(({ id }) => id === layerId);
    if (layer === undefined || (filterId === 0n && action === "permit")) return [];
    return [
      {
        key: `{f1170000-0000-4000-8000-${index.toString(16).padStart(12, "0")}}` as Guid,
        name: "the recorded filter",
        description: "",
        flags: 0,
        namedFlags: [],
        providerKey: null,
        providerData: null,
        layerKey: layer.key,
        subLayerKey: SUBLAYER_KEY.UNIVERSAL,
        weight: { type: "FWP_EMPTY" },
        conditions: [],
        action: { type: action === "permit" ? "FWP_ACTION_PERMIT" : "FWP_ACTION_BLOCK" },
        rawContext: 0n,
        providerContextKey: null,
        // pfirewall.log names none, but something dropped the packet.
        filterId: filterId === 0n ? UNNAMED : filterId,
        effectiveWeight: 1n,
        origin: null,
      },
    ];
  });
  return { ...empty, filters };
}

/** Whoever sent the first SYN of a connection opened it; retransmissions are the model's or the peer's own business. */
function playTcp(simulation: Simulation, host: Host, flow: WitnessedFlow, start: number): void {
  const { localAddress, localPort, isOpen } = flow;
  const { family } = parseAddress(localAddress);
  const process = desktopProcess(PROGRAM, 1000);
  if (isOpen) {
    const listener = host.socket({ family, process });
    listener.bind(null, localPort);
    listener.listen();
  }
  const opened = new Set<number>();
  for (const packet of flow.packets) {
    const at = packet.time - start;
    const isOwn = packet.source === localAddress && packet.sourcePort === localPort;
    if (!isOwn && (isOpening(packet) || !isOpen)) simulation.clock.after(at, () => deliver(host, packet));
    if (!isOwn || !isOpen || !isOpening(packet) || opened.has(packet.sequence)) continue;
    opened.add(packet.sequence);
    simulation.clock.after(at, () => {
      const socket = host.socket({ family, process });
      socket.bind(null, localPort);
      socket.connect(parseAddress(packet.destination), packet.destinationPort);
    });
  }
}

function playUdp(simulation: Simulation, host: Host, flow: WitnessedFlow, start: number): void {
  const socket = flow.isOpen ? openedSocket(host, flow) : null;
  const own = new Set(flow.hostAddresses);
  for (const packet of flow.packets) {
    const at = packet.time - start;
    if (!own.has(packet.source)) simulation.clock.after(at, () => deliver(host, packet));
    else if (socket !== null) {
      simulation.clock.after(at, () => {
        if (packet.time >= flow.sendsFrom) socket.sendTo(new Uint8Array(0), parseAddress(packet.destination), packet.destinationPort);
        // A host hears what it sends to groups it is in, and to everybody (RFC 1112 6.1).
        if (isManyText(packet.destination)) deliver(host, packet);
      });
    }
  }
}

function openedSocket(host: Host, flow: WitnessedFlow): UdpSocket {
  const { family } = parseAddress(flow.localAddress);
  const socket = host.udpSocket({ family, process: desktopProcess(PROGRAM, 1000) });
  socket.bind(null, flow.localPort);
  for (const group of groupsOf(flow)) socket.join(parseAddress(group));
  return socket;
}

/** ICMP: what comes in is handed over, an echo request that goes out is a ping. */
function playOthers(simulation: Simulation, host: Host, flow: WitnessedFlow, start: number): void {
  const own = new Set(flow.hostAddresses);
  for (const packet of flow.packets) {
    const at = packet.time - start;
    if (!own.has(packet.source)) simulation.clock.after(at, () => deliver(host, packet));
    else if (packet.icmp?.type === 8 || packet.icmp?.type === 128) {
      simulation.clock.after(at, () => host.ping(parseAddress(packet.destination)));
    }
  }
}

function deliver(host: Host, packet: SeenPacket): void {
  const arrival = host.interfaces.find(({ index }) => index === INTERFACE);
  if (arrival !== undefined) host.receive(arrival, packetBytes(packet));
}

function groupsOf({ packets }: WitnessedFlow): ReadonlySet<string> {
  return new Set(packets.map(({ destination }) => destination).filter((text) => addressTypeOf(parseAddress(text)) === "multicast"));
}

/** null for what programs sent. */
function kindOf({ packet }: Transit): ModelOutcome["answers"][number]["kind"] | null {
  if ("segment" in packet) {
    if (packet.segment.flags.rst) return "RST";
    return packet.segment.flags.syn && packet.segment.flags.ack ? "SYN-ACK" : null;
  }
  if ("message" in packet) {
    const { type } = packet.message;
    const isError = packet.protocol === IP_PROTOCOL.icmp ? [3, 4, 5, 11, 12].includes(type) : type < 128;
    return isError ? "ICMP error" : "ICMP message";
  }
  return "datagram" in packet || packet.protocol === IP_PROTOCOL.igmp ? null : "other";
}
