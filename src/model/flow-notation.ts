import type { InputPosition } from "./errors.ts";
import { formatFieldValue, layerFieldName, parseFieldValue } from "./field-value-text.ts";
import type { FlowSpec } from "./flow.ts";
import { type FlowEndpoint, formatFlowEndpoint, parseFlowEndpoint } from "./flow-endpoint.ts";
import { FLOW_KEYS, type FlowDraft } from "./flow-keys.ts";
import { FlowErrors, type FlowWord, flowWords, quoteFlowText } from "./flow-text.ts";
import type { Guid } from "./guid.ts";
import { didYouMean } from "./near-name.ts";
import { PROTOCOL_NAMES } from "./number-names.ts";
import { FIELD_KEY } from "./tables/conditions.ts";
import { EMPTY, type FwpValue } from "./value.ts";
import { fieldKeyOf, fieldName } from "./well-known.ts";

const EXAMPLE = "in tcp 203.0.113.9:51000 > 10.0.0.5:445 app=System";

/** Protocols without ports; at ICMP the port fields carry type and code, which `icmp=` says. */
const portless = new Set([1, 2, 4, 41, 47, 50, 51, 58, 89, 103, 112]);
const familyOfProtocol = new Map<number, 4 | 6>([
  [1, 4],
  [2, 4],
  [58, 6],
]);

const prefix = "FWPM_CONDITION_";
const keyNames = FLOW_KEYS.map((key) => key.name);

/**
 * Reads a flow: `in tcp 203.0.113.9:51000 > 10.0.0.5:445 app=System profile=public`. Source > destination as this host sees it; `*` and what
 * is left out is unknown; `key=value` as in FLOW_KEYS, or any field by name: `FWPM_CONDITION_COMPARTMENT_ID=1`. `empty` is FWP_EMPTY.
 * `position` says where the text stands, for errors.
 * @throws InputError with the column and what was expected there.
 */
export function parseFlow(text: string, position: InputPosition = {}): FlowSpec {
  const errors: FlowErrors = new FlowErrors(position);
  const [direction, protocolWord, source, arrow, destination, ...rest] = flowWords(text, errors);
  const end = text.trimEnd().length + 1;
  const expect = (word: FlowWord | undefined, what: string): FlowWord =>
    word === undefined || word.pair !== undefined ? errors.fail(word?.column ?? end, `expected ${what}, as in: ${EXAMPLE}`) : word;

  const way = expect(direction, '"in" or "out"');
  const wayName = way.text.toLowerCase();
  if (wayName !== "in" && wayName !== "out") errors.fail(way.column, `expected "in" or "out", found "${way.text}", as in: ${EXAMPLE}`);
  const protocol = readProtocol(expect(protocolWord, "a protocol"), errors);
  const from = readEndpoint(expect(source, "the source address"), protocol, errors);
  const between = expect(arrow, '">" and the destination address');
  if (between.text !== ">") errors.fail(between.column, `expected ">" between source and destination, found "${between.text}"`);
  const destinationWord = expect(destination, "the destination address");
  const to = readEndpoint(destinationWord, protocol, errors);
  const [local, remote] = wayName === "in" ? [to, from] : [from, to];

  const draft: FlowDraft = {};
  const overrides = new Map<Guid, FwpValue>();
  readPairs(rest, draft, overrides, errors);
  if (draft.icmp !== undefined && protocol !== 1 && protocol !== 58) {
    errors.fail(columnOf(rest, "icmp"), "expected icmp= with protocol icmp or icmpv6 only");
  }
  const ofAddress = from.address?.family ?? to.address?.family;
  if (from.address !== undefined && to.address !== undefined && from.address.family !== to.address.family) {
    errors.fail(destinationWord.column, `expected an IPv${from.address.family} address like the source`);
  }
  if (draft.family !== undefined && ofAddress !== undefined && draft.family !== ofAddress) {
    errors.fail(columnOf(rest, "family"), `expected family=${ofAddress}, as the addresses are`);
  }
  const told = ofAddress ?? draft.family;
  if ((protocol === 1 && told === 6) || (protocol === 58 && told === 4)) {
    errors.fail(protocolWord?.column ?? end, `expected ${protocol === 1 ? "icmpv6" : "icmp"}, as the flow is IPv${told}`);
  }
  const family = told ?? familyOfProtocol.get(protocol);
  return {
    direction: wayName,
    protocol,
    ...draft,
    ...(family === undefined ? {} : { family }),
    ...(local.address === undefined ? {} : { localAddress: local.address }),
    ...(remote.address === undefined ? {} : { remoteAddress: remote.address }),
    ...(local.port === undefined ? {} : { localPort: local.port }),
    ...(remote.port === undefined ? {} : { remotePort: remote.port }),
    overrides: [...overrides].map(([fieldKey, value]) => ({ fieldKey, value })),
  };
}

function readProtocol(word: FlowWord, errors: FlowErrors): number {
  const named = PROTOCOL_NAMES.valueOf(word.text);
  if (named !== undefined) return named;
  if (/^\d{1,3}$/.test(word.text) && Number(word.text) <= 255) return Number(word.text);
  const names = PROTOCOL_NAMES.names;
  return errors.fail(
    word.column,
    `expected a protocol (${names.join(", ")}, or 0 to 255), found "${word.text}"${didYouMean(word.text, names)}`,
  );
}

function readEndpoint(word: FlowWord, protocol: number, errors: FlowErrors): FlowEndpoint {
  const endpoint = parseFlowEndpoint(word.text);
  if (endpoint === undefined) {
    errors.fail(word.column, `expected an address (10.0.0.5:445, [fe80::1]:445, *:443 or *), found "${word.text}"`);
  }
  if (endpoint.port !== undefined && portless.has(protocol)) {
    const hint = protocol === 1 || protocol === 58 ? "; type and code are icmp=TYPE/CODE" : "";
    errors.fail(word.column, `expected an address without a port: ${PROTOCOL_NAMES.nameOf(protocol)} has none${hint}`);
  }
  return endpoint;
}

function columnOf(words: readonly FlowWord[], key: string): number {
  return words.find((word) => word.pair?.key.toLowerCase() === key)?.column ?? 1;
}

function readPairs(words: readonly FlowWord[], draft: FlowDraft, overrides: Map<Guid, FwpValue>, errors: FlowErrors): void {
  const seen = new Set<string>();
  for (const { text, column, pair } of words) {
    if (pair === undefined) errors.fail(column, `expected key=value, found "${text}"; values with spaces stand in double quotes`);
    const { value } = pair;
    const known = FLOW_KEYS.find((key) => key.name === pair.key.toLowerCase());
    const unknown = !value.quoted && value.text === "*";
    if (known === undefined) {
      const fieldKey = overrideKey(pair.key, column, errors);
      if (overrides.has(fieldKey)) errors.fail(column, `expected ${pair.key} once`);
      if (unknown) continue;
      const read = parseFieldValue(fieldKey, value.text, value.quoted);
      if ("expected" in read) errors.fail(value.column, `expected ${read.expected}, found "${value.text}"${read.hint ?? ""}`);
      overrides.set(fieldKey, read.value);
      continue;
    }
    if (seen.has(known.name) && known.repeats !== true) errors.fail(column, `expected ${known.name}= once`);
    seen.add(known.name);
    if (unknown) continue;
    if (!value.quoted && value.text.toLowerCase() === "empty" && known.fields.length > 0) {
      for (const name of known.fields) overrides.set(FIELD_KEY[name], EMPTY);
      continue;
    }
    const wrong = known.read(value, draft);
    if (wrong === undefined) continue;
    errors.fail(value.column, `${known.name}: expected ${wrong.expected}, found "${value.text}"${wrong.hint ?? ""}`);
  }
}

function overrideKey(key: string, column: number, errors: FlowErrors): Guid {
  const fieldKey = /^(\{|FWPM_CONDITION_)/i.test(key) || /^[A-Z0-9_]+$/.test(key) ? fieldKeyOf(key) : undefined;
  if (fieldKey !== undefined && layerFieldName(fieldKey) !== undefined) return fieldKey;
  const fields = Object.keys(FIELD_KEY).map((name) => prefix + name);
  const hint = didYouMean(key, /^FWPM_/i.test(key) ? fields : [...keyNames, ...Object.keys(FIELD_KEY)]);
  return errors.fail(column, `expected one of ${keyNames.join(", ")}, or a field's name (FWPM_CONDITION_…), found "${key}"${hint}`);
}

export interface FormatFlowOptions {
  /** Keys (`profile`, `FWPM_CONDITION_FLAGS`) whose values nobody gave: printed in brackets, which parseFlow reads over. */
  readonly defaults?: ReadonlySet<string>;
}

/** The flow in one line, as {@link parseFlow} reads it. */
export function formatFlow(flow: FlowSpec, options: FormatFlowOptions = {}): string {
  const local = endpoint(flow.localAddress, flow.localPort);
  const remote = endpoint(flow.remoteAddress, flow.remotePort);
  const [source, destination] = flow.direction === "in" ? [remote, local] : [local, remote];
  const familyTold =
    flow.localAddress !== undefined || flow.remoteAddress !== undefined || familyOfProtocol.get(flow.protocol) === flow.family;
  const pairs = FLOW_KEYS.flatMap((key) =>
    key.name === "family" && familyTold ? [] : key.write(flow).map((value) => [key.name, value] as const),
  );
  for (const { fieldKey, value } of flow.overrides) {
    const text = value.type === "FWP_EMPTY" ? "empty" : overrideText(fieldKey, value);
    pairs.push([fieldName(fieldKey) === fieldKey ? fieldKey : prefix + fieldName(fieldKey), text]);
  }
  return [
    flow.direction,
    PROTOCOL_NAMES.nameOf(flow.protocol) ?? String(flow.protocol),
    source,
    ">",
    destination,
    ...pairs.map(([key, value]) => (options.defaults?.has(key) === true ? `[${key}=${value}]` : `${key}=${value}`)),
  ].join(" ");
}

/** "none" and "*" are keywords of a field's own values, not texts to quote. */
function overrideText(key: Guid, value: FwpValue): string {
  const text = formatFieldValue(key, value);
  const isText = value.type === "FWP_BYTE_BLOB_TYPE" || value.type === "FWP_UNICODE_STRING_TYPE";
  return isText ? quoteFlowText(text) : text;
}

function endpoint(address: FlowSpec["localAddress"], port: number | undefined): string {
  return formatFlowEndpoint({ ...(address === undefined ? {} : { address }), ...(port === undefined ? {} : { port }) });
}
