import {
  CONDITION_FLAG,
  didYouMean,
  type EventName,
  type ExpectedEvent,
  type ExpectedIndication,
  type ExpectedOutcome,
  fieldKeyOf,
  fieldName,
  InputError,
  type InputPosition,
  LAYER_KEY,
  type OutcomeRecord,
  type ScenarioPlace,
} from "../../model/index.ts";

/** Every word of Microsoft's packet-flow pages that a line may hold. */
const EVENTS: Readonly<Record<EventName, true>> = {
  bind: true,
  listen: true,
  connect: true,
  send: true,
  close: true,
  SYN: true,
  "SYN-ACK": true,
  ACK: true,
  RST: true,
  FIN: true,
  data: true,
  "TCP segment": true,
  "IP datagram": true,
  sendto: true,
  "UDP message": true,
  "ICMP message": true,
  "ICMP Dest Unreachable": true,
  ioctl: true,
  frame: true,
};

const OPERATIONS: Readonly<Record<OutcomeRecord["operation"], true>> = {
  socket: true,
  bind: true,
  listen: true,
  connect: true,
  accept: true,
  send: true,
  receive: true,
  close: true,
  sendto: true,
  ioctl: true,
  ping: true,
};

const AUDITS: readonly number[] = [5031, 5150, 5151, 5152, 5153, 5154, 5155, 5156, 5157, 5158, 5159];

/** Layers as scenarios name them: without FWPM_LAYER_, and without the IP version unless one is meant. */
const LAYERS: ReadonlySet<string> = new Set(Object.keys(LAYER_KEY).flatMap((name) => [name, name.replace(/_V[46](?=$|_DISCARD$)/, "")]));

/** @throws InputError if there is no such layer. */
export function checkedLayer(text: string, position: InputPosition): string {
  const name = text.toUpperCase().replace(/^FWPM_LAYER_/, "");
  if (LAYERS.has(name)) return name;
  throw new InputError(
    `expected a layer, as in ALE_AUTH_CONNECT or ALE_AUTH_CONNECT_V4, found "${text}"${didYouMean(name, [...LAYERS])}`,
    position,
  );
}

/**
 * `server SYN in ALE_AUTH_RECV_ACCEPT block by "no SYN" [IS_REAUTHORIZE !IS_LOOPBACK] {IP_LOCAL_PORT=80}`: host, what happened, layer; the
 * rest only where it matters.
 * @throws InputError
 */
export function parseIndication(text: string, hosts: readonly string[], position: InputPosition): ExpectedIndication {
  const words = text.trim().split(/\s+/);
  const host = checkedHost(words[0] ?? "", hosts, position);
  const at = words.findIndex((word, index) => index > 0 && LAYERS.has(word.replace(/^FWPM_LAYER_/, "")));
  const layerWord = words[at];
  if (layerWord === undefined) {
    const guess = words.find((word, index) => index > 0 && /^[A-Z][A-Z0-9_]{5,}$/.test(word)) ?? words.slice(1).join(" ");
    checkedLayer(guess, position);
    throw new InputError(`expected HOST EVENT LAYER, found "${text}"`, position);
  }
  const before = words.slice(1, at);
  const way = before.at(-1);
  const direction = way === "in" ? "inbound" : way === "out" ? "outbound" : null;
  const event = (direction === null ? before : before.slice(0, -1)).join(" ");
  if (event !== "" && !(event in EVENTS)) {
    throw new InputError(
      `expected what happened (${Object.keys(EVENTS).join(", ")}), found "${event}"${didYouMean(event, Object.keys(EVENTS))}`,
      position,
    );
  }
  return {
    at: placeOf(position),
    text,
    host,
    event: event === "" ? null : (event as EventName),
    direction,
    layer: checkedLayer(layerWord, position),
    ...details(text.slice(text.indexOf(layerWord) + layerWord.length).trim(), position),
  };
}

type Details = Pick<ExpectedIndication, "verdict" | "reauthorize" | "flags" | "fields" | "by">;

function details(text: string, position: InputPosition): Details {
  const found: { -readonly [K in keyof Details]: Details[K] } = { verdict: null, reauthorize: null, flags: [], fields: [], by: null };
  let rest = text;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    const match = pattern.exec(rest);
    if (match !== null) rest = rest.slice(match[0].length).trim();
    return match;
  };
  while (rest !== "") {
    const verdict = take(/^(permit|block|indeterminate)(?=\s|$)/)?.[1];
    const reauthorize = take(/^(first|reauthorize)(?=\s|$)/)?.[1];
    const by = take(/^by\s+"([^"]*)"/)?.[1];
    const flags = take(/^\[([^\]]*)\]/)?.[1];
    const fields = take(/^\{([^}]*)\}/)?.[1];
    if (verdict !== undefined) found.verdict = verdict as "permit" | "block" | "indeterminate";
    if (reauthorize !== undefined) found.reauthorize = reauthorize === "reauthorize";
    if (by !== undefined) found.by = by;
    if (flags !== undefined)
      found.flags = flags
        .split(/[\s,]+/)
        .filter((flag) => flag !== "")
        .map((flag) => flagOf(flag, position));
    if (fields !== undefined) found.fields = fields.split(/,\s*/).map((field) => fieldOf(field, position));
    if ([verdict, reauthorize, by, flags, fields].every((part) => part === undefined)) {
      throw new InputError(
        `expected permit, block, indeterminate, reauthorize, first, by "FILTER", [FLAGS] or {FIELD=VALUE}, found "${rest}"`,
        position,
      );
    }
  }
  return found;
}

function flagOf(text: string, position: InputPosition): { readonly name: string; readonly set: boolean } {
  const set = !text.startsWith("!");
  const name = (set ? text : text.slice(1)).toUpperCase().replace(/^FWP_CONDITION_FLAG_/, "");
  if (name in CONDITION_FLAG) return { name, set };
  throw new InputError(`expected a flag, found "${text}"${didYouMean(name, Object.keys(CONDITION_FLAG))}`, position);
}

function fieldOf(text: string, position: InputPosition): { readonly name: string; readonly value: string } {
  const [, name = "", value = ""] = /^\s*([A-Za-z0-9_]+)\s*=\s*(.*?)\s*$/.exec(text) ?? [];
  const key = fieldKeyOf(name);
  if (key === undefined) throw new InputError(`expected FIELD=VALUE, as in IP_LOCAL_PORT=80, found "${text}"`, position);
  return { name: fieldName(key), value };
}

/** `client connect() WSAECONNREFUSED`. @throws InputError */
export function parseOutcome(text: string, hosts: readonly string[], position: InputPosition): ExpectedOutcome {
  const [, host = "", operation = "", result = ""] = /^(\S+)\s+([a-z]+)(?:\(\))?\s+(\S+)$/.exec(text.trim()) ?? [];
  if (result === "") throw new InputError(`expected HOST CALL() RESULT, as in client connect() WSAECONNREFUSED, found "${text}"`, position);
  if (!(operation in OPERATIONS)) {
    throw new InputError(`expected a call (${Object.keys(OPERATIONS).join(", ")}), found "${operation}"`, position);
  }
  return {
    at: placeOf(position),
    text,
    host: checkedHost(host, hosts, position),
    operation: operation as OutcomeRecord["operation"],
    result,
  };
}

/** `server audit 5157`, `client netevent CLASSIFY_DROP`. @throws InputError */
export function parseEvent(
  text: string,
  data: Readonly<Record<string, string | number>>,
  hosts: readonly string[],
  position: InputPosition,
): ExpectedEvent {
  const [, host = "", kind, what = ""] = /^(\S+)\s+(audit|netevent)\s+(\S+)$/.exec(text.trim()) ?? [];
  const type = what.replace(/^FWPM_NET_EVENT_TYPE_/, "");
  const isAudit = kind === "audit" && AUDITS.includes(Number(what));
  if (!isAudit && !(kind === "netevent" && /^(CLASSIFY|CAPABILITY)_[A-Z_]+$/.test(type))) {
    throw new InputError(`expected HOST audit NUMBER (${AUDITS.join(", ")}) or HOST netevent CLASSIFY_DROP, found "${text}"`, position);
  }
  return {
    at: placeOf(position),
    text,
    host: checkedHost(host, hosts, position),
    event: isAudit ? Number(what) : type,
    data: Object.fromEntries(Object.entries(data).map(([name, value]) => [name, String(value)])),
  };
}

/** @throws InputError if there is no such host. */
export function checkedHost(name: string, hosts: readonly string[], position: InputPosition): string {
  if (hosts.includes(name)) return name;
  throw new InputError(`expected a host (${hosts.join(", ")}), found "${name}"`, position);
}

export function placeOf({ line = 1, column = 1 }: InputPosition): ScenarioPlace {
  return [line, column];
}
