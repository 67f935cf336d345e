import type { AddressType } from "./address.ts";
import { type Expected, parseNumber, type Read } from "./field-value-text.ts";
import { formatFlags } from "./flag-names.ts";
import { type FlowSpec, PROFILE_ID, type Profile } from "./flow.ts";
import type { FlowValueText } from "./flow-text.ts";
import { quoteFlowText } from "./flow-text.ts";
import { didYouMean } from "./near-name.ts";
import { ADDRESS_TYPE_NAMES, INTERFACE_TYPE_NAMES, PROFILE_NAMES, TUNNEL_TYPE_NAMES } from "./number-names.ts";
import { capabilitySid, isServiceSid, packageSid, serviceSid, sidOfAccount } from "./service-sid.ts";
import { isSid, NULL_SID, parseSid, type Sid } from "./sid.ts";
import { knownSidNames, sidOfName } from "./sid-names.ts";
import { CONDITION_FLAG } from "./tables/flags.ts";
import type { FieldName } from "./well-known.ts";

/** A flow while it is read. */
export type FlowDraft = { -readonly [K in Exclude<keyof FlowSpec, "overrides">]?: FlowSpec[K] };

/** One `key=value` of the flow notation. */
export interface FlowKey {
  readonly name: string;
  /** Fields that `key=empty` empties; none where a field cannot be empty or the key is no field. */
  readonly fields: readonly FieldName[];
  /** May stand more than once. */
  readonly repeats?: boolean;
  /** Puts the value into the draft, or says what was expected. */
  read(value: FlowValueText, draft: FlowDraft): Expected | undefined;
  /** The values that say what the flow has; none where it is unknown. */
  write(flow: FlowSpec): readonly string[];
}

/** A key that sets one member of the flow. */
function member<K extends keyof FlowDraft>(
  name: string,
  key: K,
  fields: readonly FieldName[],
  parse: (value: FlowValueText) => Read<NonNullable<FlowDraft[K]> | (null extends FlowDraft[K] ? null : never)>,
  format: (value: Exclude<FlowSpec[K], undefined>) => string,
): FlowKey {
  return {
    name,
    fields,
    read(value, draft) {
      const parsed = parse(value);
      if ("expected" in parsed) return parsed;
      draft[key] = parsed.value as FlowDraft[K];
      return undefined;
    },
    write(flow) {
      const value = flow[key];
      return value === undefined ? [] : [format(value as Exclude<FlowSpec[K], undefined>)];
    },
  };
}

function account({ text }: FlowValueText): Read<Sid> {
  const sid = sidOfAccount(text);
  return sid === undefined
    ? { expected: "a SID or a well-known name such as SYSTEM", hint: didYouMean(text, knownSidNames()) }
    : { value: sid };
}

function service({ text }: FlowValueText): Read<Sid> {
  if (/^S-1-/i.test(text)) {
    const sid = isSid(text) ? parseSid(text) : NULL_SID;
    return isServiceSid(sid) ? { value: sid } : { expected: "the name of a service or its SID (S-1-5-80-…)" };
  }
  const name = text.replace(/^NT SERVICE\\/i, "");
  return name === "" ? { expected: "the name of a service or its SID (S-1-5-80-…)" } : { value: serviceSid(name) };
}

function package_({ text, quoted }: FlowValueText): Read<Sid | null> {
  if (!quoted && (text.toLowerCase() === "none" || text.toUpperCase() === NULL_SID)) return { value: null };
  if (/^S-1-15-2(-\d+)+$/i.test(text)) return { value: parseSid(text) };
  // Package family names end in the 13 letters of the publisher's hash.
  if (/^[\w.-]+_[a-z0-9]{13}$/i.test(text)) return { value: packageSid(text) };
  return { expected: "a package SID (S-1-15-2-…), a package family name, or none" };
}

function capability({ text }: FlowValueText): Read<Sid> {
  if (isSid(text)) return { value: parseSid(text) };
  const near = sidOfName(text)?.startsWith("S-1-15-3-") === true ? "" : didYouMean(text, knownSidNames());
  // Any name derives a SID, so a slip would go unnoticed.
  if (near !== "" || !/^[A-Za-z][\w.-]*$/.test(text)) return { expected: "a capability's SID (S-1-15-3-…) or name", hint: near };
  return { value: capabilitySid(text) };
}

function list(item: (value: FlowValueText) => Read<Sid>): (value: FlowValueText) => Read<readonly Sid[]> {
  return (value) => {
    if (!value.quoted && /^(none|empty)$/i.test(value.text)) return { value: [] };
    const sids: Sid[] = [];
    for (const text of value.text.split(",")) {
      const read = item({ ...value, text: text.trim() });
      if ("expected" in read) return { ...read, expected: `a list with "," of ${read.expected}` };
      sids.push(read.value);
    }
    return { value: sids };
  };
}

function formatSids(sids: readonly Sid[]): string {
  return sids.length === 0 ? "none" : sids.join(",");
}

function profile({ text }: FlowValueText): Read<Profile> {
  const read = parseNumber("CURRENT_PROFILE_ID", text, 32);
  const found = "value" in read ? Object.entries(PROFILE_ID).find(([, id]) => id === read.value)?.[0] : undefined;
  return found === undefined
    ? { expected: "a profile (public, private, domain, none)", hint: didYouMean(text, PROFILE_NAMES.names) }
    : { value: found as Profile };
}

function addressType({ text }: FlowValueText): Read<AddressType> {
  const name = text.toLowerCase();
  return ADDRESS_TYPE_NAMES.names.includes(name)
    ? { value: name as AddressType }
    : { expected: `an address type (${ADDRESS_TYPE_NAMES.names.join(", ")})`, hint: didYouMean(text, ADDRESS_TYPE_NAMES.names) };
}

function icmp({ text }: FlowValueText): Read<{ type: number; code: number }> {
  const match = /^(\d{1,3})\/(\d{1,3})$/.exec(text);
  const [type, code] = [Number(match?.[1]), Number(match?.[2])];
  return match !== null && type <= 255 && code <= 255 ? { value: { type, code } } : { expected: "TYPE/CODE, e.g. 8/0" };
}

const MAX_INDEX = 0xffffffffn;

/** `if` names one interface by index, LUID or alias, or by several of them in several `if`s. */
const interfaceKey: FlowKey = {
  name: "if",
  fields: ["INTERFACE_INDEX", "IP_LOCAL_INTERFACE"],
  repeats: true,
  read({ text, quoted }, draft) {
    const [, kind, rest] = /^(index|luid|name):(.+)$/is.exec(text) ?? [];
    const given = rest ?? text;
    const number = !quoted && /^(\d+|0x[0-9a-f]+)$/i.test(given) && kind?.toLowerCase() !== "name" ? BigInt(given) : undefined;
    const wanted = kind?.toLowerCase() ?? (number === undefined ? "name" : number > MAX_INDEX ? "luid" : "index");
    const expected = { expected: "an interface index, a LUID, or a name (index:, luid:, name: before it where that is not clear)" };
    if (given === "" || (wanted !== "name" && (number === undefined || number >= 1n << 64n))) return expected;
    if (wanted === "index" && (number ?? 0n) > MAX_INDEX) return { expected: "an interface index of 32 bits" };
    const part = wanted === "name" ? { alias: given } : wanted === "luid" ? { luid: number ?? 0n } : { index: Number(number) };
    const [member] = Object.keys(part);
    if (draft.interface !== undefined && member !== undefined && member in draft.interface)
      return { expected: "one index, one LUID and one name at most" };
    draft.interface = { ...draft.interface, ...part };
    return undefined;
  },
  write({ interface: interface_ }) {
    const { index, luid, alias } = interface_ ?? {};
    const clear = alias !== undefined && !/^(\d+|0x[0-9a-f]+)$|^(index|luid|name):/i.test(alias);
    return [
      ...(index === undefined ? [] : [String(index)]),
      ...(luid === undefined ? [] : [luid > MAX_INDEX ? String(luid) : `luid:${luid}`]),
      ...(alias === undefined ? [] : [quoteFlowText(clear ? alias : `name:${alias}`)]),
    ];
  },
};

const app = (value: FlowValueText): Read<string> =>
  value.text === "" ? { expected: "a path (\\device\\… or C:\\…) or System" } : { value: value.text };

const family = ({ text }: FlowValueText): Read<4 | 6> =>
  text === "4" ? { value: 4 } : text === "6" ? { value: 6 } : { expected: "4 or 6" };

/** Every key of the notation, in the order of printing. `family` is printed only where nothing else tells. */
export const FLOW_KEYS: readonly FlowKey[] = [
  member("family", "family", [], family, String),
  member("icmp", "icmp", [], icmp, ({ type, code }) => `${type}/${code}`),
  member("app", "app", ["ALE_APP_ID"], app, quoteFlowText),
  member("user", "user", ["ALE_USER_ID"], account, String),
  member("groups", "groups", [], list(account), formatSids),
  member("service", "service", [], service, String),
  member("package", "package", ["ALE_PACKAGE_ID"], package_, (sid) => sid ?? "none"),
  member("capabilities", "capabilities", [], list(capability), formatSids),
  member("profile", "profile", ["CURRENT_PROFILE_ID"], profile, String),
  member("original-profile", "originalProfile", ["ORIGINAL_PROFILE_ID"], profile, String),
  interfaceKey,
  member(
    "iftype",
    "interfaceType",
    ["INTERFACE_TYPE"],
    (value) => parseNumber("INTERFACE_TYPE", value.text, 32),
    (type) => INTERFACE_TYPE_NAMES.nameOf(type) ?? String(type),
  ),
  member(
    "tunnel",
    "tunnelType",
    ["TUNNEL_TYPE"],
    (value) => parseNumber("TUNNEL_TYPE", value.text, 32),
    (type) => TUNNEL_TYPE_NAMES.nameOf(type) ?? String(type),
  ),
  member(
    "flags",
    "flags",
    ["FLAGS"],
    (value) => parseNumber("FLAGS", value.text, 32),
    (flags) => formatFlags(flags, CONDITION_FLAG),
  ),
  member("local-type", "localAddressType", ["IP_LOCAL_ADDRESS_TYPE"], addressType, String),
];
