import type { ScenarioExpect } from "../../model/index.ts";
import type { Path } from "../suite/suite-document.ts";
import { checkedHost, parseEvent, parseIndication, parseOutcome, placeOf } from "./expect-notation.ts";
import { parsePacket } from "./packet-notation.ts";
import type { ScenarioContext } from "./read-scenario-hosts.ts";
import type { ExpectBody } from "./scenario-schema.ts";

type Lines = string | readonly string[] | undefined;

/** What must have happened by the end of a step. */
export function readExpect(body: ExpectBody, path: Path, { document, names }: ScenarioContext): ScenarioExpect {
  const hosts = [...names.hosts.keys()];
  const lines = <T>(key: keyof ExpectBody, value: Lines, read: (text: string, position: ReturnType<typeof document.position>) => T): T[] =>
    (typeof value === "string" ? [value] : (value ?? [])).map((text, index) =>
      read(text, document.position(typeof value === "string" ? [...path, key] : [...path, key, index])),
    );
  const indications = (key: "indications" | "includes" | "never") =>
    lines(key, body[key], (text, position) => parseIndication(text, hosts, position));
  const events = body.events === undefined ? [] : Array.isArray(body.events) ? body.events : [body.events];
  return {
    indications: body.indications === undefined ? null : indications("indications"),
    includes: indications("includes"),
    never: indications("never"),
    outcomes: lines("outcomes", body.outcomes, (text, position) => parseOutcome(text, hosts, position)),
    packets: body.packets === undefined ? null : lines("packets", body.packets, (text, position) => parsePacket(text, names, position)),
    events: events.map((item, index) => {
      const position = document.position(Array.isArray(body.events) ? [...path, "events", index] : [...path, "events"]);
      return typeof item === "string" ? parseEvent(item, {}, hosts, position) : parseEvent(item.event, item.data ?? {}, hosts, position);
    }),
    nothing: lines("nothing", body.nothing, (text, position) => checkedHost(text, hosts, position)),
    at: placeOf(document.position(path)),
  };
}
