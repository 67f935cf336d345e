import { InputError, type InputPosition, type ScenarioPacket, type ScenarioPacketBody, type ScenarioTcpOption } from "../../model/index.ts";
import { parseEndpoint, type ScenarioNames } from "./endpoint-notation.ts";

type TcpBody = Extract<ScenarioPacketBody, { kind: "tcp" }>;

const FORMS = "S, P. 1:6(5) ack 1 win 65535 <mss 1460>, udp (5), icmp echo-request id 1 seq 1, fragment 0+, or ip 89 (20)";

/** ICMP messages that have a name: type and code in both versions (RFC 792, RFC 4443). */
const ICMP = {
  "echo-request": [8, 128, 0, 0],
  "echo-reply": [0, 129, 0, 0],
  "port-unreachable": [3, 1, 3, 4],
  "host-unreachable": [3, 1, 1, 3],
  "net-unreachable": [3, 1, 0, 0],
  "protocol-unreachable": [3, 4, 2, 1],
  "too-big": [3, 2, 4, 0],
  "time-exceeded": [11, 3, 0, 0],
} as const;

/**
 * A packet in one line, as packetdrill and tcpdump write them: `client:5000 > server:80 S 0:0(0) win 65535 <mss 1460,sackOK>`,
 * `client > server:53 udp (5)`. What is not told is anything where packets are looked for, and what is usual where they are made.
 * @throws InputError
 */
export function parsePacket(text: string, names: ScenarioNames, position: InputPosition): ScenarioPacket {
  const [, from, to, rest = ""] = /^(\S+)\s*>\s*(\S+)(?:\s+(.*))?$/.exec(text.trim()) ?? [];
  if (from === undefined || to === undefined) {
    throw new InputError(`expected FROM > TO and a packet, as in client:5000 > server:80 S 0:0(0), found "${text}"`, position);
  }
  return {
    at: [position.line ?? 1, position.column ?? 1],
    text,
    from: parseEndpoint(from, names, position),
    to: parseEndpoint(to, names, position),
    body: parseBody(rest.trim(), position),
  };
}

function parseBody(text: string, position: InputPosition): ScenarioPacketBody {
  const [kind = "", ...words] = text.split(/\s+/);
  const rest = text.slice(kind.length).trim();
  switch (kind) {
    case "":
      return { kind: "ip", protocol: null, length: null };
    case "udp":
      return { kind: "udp", ...content(rest, position) };
    case "icmp":
      return icmpBody(words, position);
    case "fragment": {
      const [, offset, more] = /^(\d*)(\+?)$/.exec(rest) ?? [];
      if (offset === undefined) throw new InputError(`expected the offset in bytes, with + if pieces follow, found "${rest}"`, position);
      return { kind: "fragment", offset: offset === "" ? null : Number(offset), more: more === "+" };
    }
    case "ip": {
      const [, protocol, length] = /^(\d{1,3})?\s*(?:\((\d+)\))?$/.exec(rest) ?? [];
      if (protocol === undefined && rest !== "") throw new InputError(`expected a protocol number, found "${rest}"`, position);
      return {
        kind: "ip",
        protocol: protocol === undefined ? null : Number(protocol),
        length: length === undefined ? null : Number(length),
      };
    }
    default:
      return tcpBody(kind === "tcp" ? rest : text, position);
  }
}

/** `(12)` or `"text"`. */
function content(text: string, position: InputPosition): { readonly length: number | null; readonly payload: string | null } {
  if (text === "") return { length: null, payload: null };
  const length = /^\((\d+)\)$/.exec(text)?.[1];
  if (length !== undefined) return { length: Number(length), payload: null };
  const payload = /^"(.*)"$/.exec(text)?.[1];
  if (payload === undefined) throw new InputError(`expected a length in parentheses or a text in quotes, found "${text}"`, position);
  return { length: payload.length, payload };
}

function icmpBody(words: readonly string[], position: InputPosition): ScenarioPacketBody {
  const [name, ...rest] = words;
  const numbers = /^(\d{1,3})(?:\/(\d{1,3}))?$/.exec(name ?? "");
  const known = ICMP[name as keyof typeof ICMP] as readonly [number, number, number, number] | undefined;
  const both = (value: string | undefined) => (value === undefined ? null : { 4: Number(value), 6: Number(value) });
  if (name !== undefined && numbers === null && known === undefined) {
    throw new InputError(`expected an ICMP message (${Object.keys(ICMP).join(", ")}) or type/code, found "${name}"`, position);
  }
  const [type, code] =
    known === undefined
      ? [both(numbers?.[1]), both(numbers?.[2])]
      : [
          { 4: known[0], 6: known[1] },
          { 4: known[2], 6: known[3] },
        ];
  const told: { id: number | null; sequence: number | null; length: number | null } = { id: null, sequence: null, length: null };
  for (let index = 0; index < rest.length; index++) {
    const word = rest[index] ?? "";
    const length = /^\((\d+)\)$/.exec(word)?.[1];
    if (length !== undefined) told.length = Number(length);
    else if (word === "id" || word === "seq") told[word === "id" ? "id" : "sequence"] = numberOf(rest[++index], word, position);
    else throw new InputError(`expected id, seq or a length in parentheses, found "${word}"`, position);
  }
  return { kind: "icmp", type, code, ...told };
}

/** `S`, `P. 1:6(5) ack 1 win 65535 <mss 1460,nop,wscale 8> "hello"`. */
function tcpBody(text: string, position: InputPosition): TcpBody {
  let rest = text;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    const match = pattern.exec(rest);
    if (match !== null) rest = rest.slice(match[0].length).trim();
    return match;
  };
  const flags = take(/^([SFRP.]+)(?=\s|$)/)?.[1];
  const range = take(/^(\d+):(\d+)\((\d+)\)/);
  const acknowledgment = take(/^ack\s+(\d+)/)?.[1];
  const window = take(/^win\s+(\d+)/)?.[1];
  const options = take(/^<([^>]*)>/)?.[1];
  const payload = take(/^"(.*)"$/)?.[1];
  if (rest !== "" || (flags === undefined && range === null && text !== "")) {
    throw new InputError(`expected ${FORMS}, found "${rest === "" ? text : rest}"`, position);
  }
  const [sequence, end, length] = range === null ? [null, null, null] : [Number(range[1]), Number(range[2]), Number(range[3])];
  if (sequence !== null && end !== null && length !== null && end - sequence !== length) {
    throw new InputError(`expected FIRST:END(LENGTH) with END - FIRST = LENGTH, found "${range?.[0]}"`, position);
  }
  if (payload !== undefined && length !== null && payload.length !== length) {
    throw new InputError(`expected a text of ${length} characters, found ${payload.length}`, position);
  }
  return {
    kind: "tcp",
    flags: flags === undefined ? null : sortedFlags(flags),
    sequence,
    length: length ?? (payload === undefined ? null : payload.length),
    acknowledgment: acknowledgment === undefined ? null : Number(acknowledgment),
    window: window === undefined ? null : Number(window),
    options: options === undefined ? null : options.split(",").flatMap((option) => tcpOption(option.trim(), position)),
    payload: payload ?? null,
  };
}

function sortedFlags(flags: string): string {
  return [..."SFRP."].filter((letter) => flags.includes(letter)).join("");
}

function tcpOption(text: string, position: InputPosition): ScenarioTcpOption[] {
  const [name, value, , echo] = text.split(/\s+/);
  switch (name) {
    case "":
    case "nop":
    case "eol":
      return [];
    case "sackOK":
      return [{ name }];
    case "mss":
    case "wscale":
      return [{ name, value: numberOf(value, name, position) }];
    case "TS":
      // TS val 100 ecr 0
      return [
        {
          name: "timestamps",
          value: numberOf(text.split(/\s+/)[2], "val", position),
          echo: numberOf(text.split(/\s+/)[4] ?? echo, "ecr", position),
        },
      ];
    default:
      throw new InputError(`expected a TCP option (mss N, wscale N, sackOK, TS val N ecr N, nop), found "${text}"`, position);
  }
}

function numberOf(text: string | undefined, after: string, position: InputPosition): number {
  if (text === undefined || !/^\d{1,10}$/.test(text))
    throw new InputError(`expected a number after ${after}, found "${text ?? ""}"`, position);
  return Number(text);
}
