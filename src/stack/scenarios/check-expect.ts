import type {
  ExpectedEvent,
  ExpectedIndication,
  IndicationRecord,
  ScenarioExpect,
  ScenarioPacket,
  ScenarioPlace,
  SessionRecord,
} from "../../model/index.ts";
import { indicationText, matchesIndication } from "./indication-match.ts";
import { matchesPacket } from "./packet-match.ts";
import type { Play } from "./play.ts";
import type { LoggedPacket } from "./wire-log.ts";

/** Where a step began: how many records and packets there were. */
export interface StepStart {
  readonly record: number;
  readonly packet: number;
}

/** Looks at what a step gave, from its start to now. */
export function checkExpect(expect: ScenarioExpect, start: StepStart, play: Play): void {
  const records = play.simulation.records.slice(start.record);
  const indications = records.filter((record) => record.type === "indication");
  if (expect.indications !== null) checkWhole(expect.indications, indications, expect.at, play);
  checkIncluded(expect.includes, indications, play);
  for (const expected of expect.never) {
    const found = indications.find((record) => matchesIndication(expected, record, play.names));
    report(expected.at, `never ${expected.text}`, found === undefined ? null : indicationText(found, expected), play);
  }
  checkOutcomes(expect, records, play);
  if (expect.packets !== null) checkPackets(expect.packets, play.log.packets.slice(start.packet), expect.at, play);
  for (const expected of expect.events) checkEvent(expected, records, play);
  for (const host of expect.nothing) {
    const found = indications.find((record) => record.host === host);
    report(expect.at, `nothing indicated on ${host}`, found === undefined ? null : indicationText(found, null), play);
  }
}

function report(at: ScenarioPlace, expected: string, found: string | null, { expectations, names }: Play): void {
  expectations.check(names.positionOf(at), expected, found);
}

/** All of them in order. Only the first difference is told: what follows is shifted. */
function checkWhole(list: readonly ExpectedIndication[], indications: readonly IndicationRecord[], at: ScenarioPlace, play: Play): void {
  const hosts = new Set(list.map(({ host }) => host));
  const found = list.length === 0 ? indications : indications.filter(({ host }) => hosts.has(host));
  compareLists(
    list.map((expected) => ({ at: expected.at, text: expected.text, expected })),
    found,
    at,
    {
      isMet: ({ expected }, record) => matchesIndication(expected, record, play.names),
      textOf: (record, wanted) => indicationText(record, wanted?.expected ?? null),
      after: "no more indications",
    },
    play,
  );
}

function checkPackets(list: readonly ScenarioPacket[], packets: readonly LoggedPacket[], at: ScenarioPlace, play: Play): void {
  const senders = new Set(
    list.map(({ from }) =>
      from.end.kind === "host"
        ? from.end.host
        : from.end.kind === "socket"
          ? play.cast.socket(from.end.name)?.host.name
          : from.end.kind === "address"
            ? from.end.name
            : from.end.address,
    ),
  );
  const context = { origins: play.log.origins, endpoint: play.names.endpointOf.bind(play.names) };
  compareLists(
    list,
    list.length === 0 ? packets : packets.filter(({ from }) => senders.has(from)),
    at,
    {
      isMet: (expected, { packet }) => matchesPacket(expected, packet, context),
      textOf: ({ from, to, text }) => `${from} > ${to} ${text}`,
      after: "no more packets",
    },
    play,
  );
}

interface Comparison<E, F> {
  readonly isMet: (expected: E, found: F) => boolean;
  readonly textOf: (found: F, expected: E | null) => string;
  readonly after: string;
}

function compareLists<E extends { readonly at: ScenarioPlace; readonly text: string }, F>(
  list: readonly E[],
  found: readonly F[],
  at: ScenarioPlace,
  { isMet, textOf, after }: Comparison<E, F>,
  play: Play,
): void {
  for (const [index, expected] of list.entries()) {
    const actual = found[index];
    if (actual !== undefined && isMet(expected, actual)) {
      report(expected.at, expected.text, null, play);
      continue;
    }
    report(expected.at, expected.text, actual === undefined ? "nothing more" : textOf(actual, expected), play);
    return;
  }
  const extra = found[list.length];
  report(list.at(-1)?.at ?? at, `${after} after this`, extra === undefined ? null : textOf(extra, null), play);
}

/** In order, with others between. */
function checkIncluded(list: readonly ExpectedIndication[], indications: readonly IndicationRecord[], play: Play): void {
  let from = 0;
  for (const expected of list) {
    const place = indications.findIndex((record, index) => index >= from && matchesIndication(expected, record, play.names));
    if (place >= 0) from = place + 1;
    report(expected.at, expected.text, place >= 0 ? null : nearest(expected, indications.slice(from), play), play);
  }
}

/** What the line most likely meant: the same layer of the host. */
function nearest(expected: ExpectedIndication, indications: readonly IndicationRecord[], { names }: Play): string {
  const { host, layer } = expected;
  const loose = { ...expected, event: null, direction: null, verdict: null, reauthorize: null, flags: [], fields: [], by: null };
  const found = indications.find((record) => matchesIndication(loose, record, names));
  return found === undefined ? `no ${layer} on ${host}` : indicationText(found, expected);
}

function checkOutcomes({ outcomes }: ScenarioExpect, records: readonly SessionRecord[], play: Play): void {
  const ended = records.filter((record) => record.type === "outcome");
  let from = 0;
  for (const { at, text, host, operation, result } of outcomes) {
    const calls = ended
      .map((record, index) => ({ record, index }))
      .filter(({ record }) => record.host === host && record.operation === operation);
    const met = calls.find(({ record, index }) => index >= from && record.result === result);
    if (met !== undefined) from = met.index + 1;
    const other = calls.find(({ index }) => index >= from) ?? calls[0];
    const found = other === undefined ? `no ${operation}() of ${host} has ended` : `${host} ${operation}() ${other.record.result}`;
    report(at, text, met === undefined ? found : null, play);
  }
}

function checkEvent({ at, text, host, event, data }: ExpectedEvent, records: readonly SessionRecord[], play: Play): void {
  const expected = Object.entries(data).map(([name, value]): [string, string] => [name, play.names.expand(value, at)]);
  const written = records.flatMap((record) => {
    if (typeof event === "number")
      return record.type === "audit" && record.host === host && record.eventId === event ? [{ ...record.data }] : [];
    if (record.type !== "netevent" || record.host !== host || record.eventType !== `FWPM_NET_EVENT_TYPE_${event}`) return [];
    return [flatTexts({ ...record, ...record.header })];
  });
  const isMet = written.some((fields) => expected.every(([name, value]) => fields[name] === value));
  const first = written[0];
  const found = first === undefined ? `no such event of ${host}` : expected.map(([name]) => `${name}=${first[name] ?? "(none)"}`).join(" ");
  const described = expected.map(([name, value]) => ` ${name}=${value}`).join("");
  report(at, `${text}${described}`, isMet ? null : found, play);
}

/** Fields of a record that are no records themselves, as text. */
function flatTexts(record: object): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(record).flatMap(([name, value]) =>
      typeof value === "string" || typeof value === "number" || typeof value === "bigint" || typeof value === "boolean"
        ? [[name, String(value)]]
        : [],
    ),
  );
}
