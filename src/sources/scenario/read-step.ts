import {
  didYouMean,
  InputError,
  type ScenarioHost,
  type ScenarioInterfaceChange,
  type ScenarioSocket,
  type ScenarioStep,
} from "../../model/index.ts";
import type { Path } from "../suite/suite-document.ts";
import { parseEnd, parseEndpoint } from "./endpoint-notation.ts";
import { checkedHost, placeOf } from "./expect-notation.ts";
import { parsePacket } from "./packet-notation.ts";
import { readExpect } from "./read-expect.ts";
import { checkAddress, readFilter, type ScenarioContext } from "./read-scenario-hosts.ts";
import { type ExpectBody, groupSchema, STEP_SCHEMAS, type StepName } from "./scenario-schema.ts";

/** What steps may name, as far as it is known by then. */
export interface StepContext extends ScenarioContext {
  readonly hosts: readonly ScenarioHost[];
  /** By name, those of accept included; accept adds its own. */
  readonly sockets: Map<string, ScenarioSocket>;
  /** Ids of steps so far. */
  readonly ids: Set<string>;
  /** Names that a pending call can be awaited by. */
  readonly calls: Set<string>;
  /** Names of filters by host, for steps that remove or complete them. */
  readonly filters: ReadonlyMap<string, Set<string>>;
}

/** How calls end: Winsock's errors, and ping's (ipexport.h). */
export const CALL_RESULTS: readonly string[] = [
  "ok",
  ..."INTR ACCES FAULT INVAL ALREADY NOTSOCK AFNOSUPPORT MSGSIZE DESTADDRREQ ADDRINUSE ADDRNOTAVAIL NETUNREACH"
    .split(" ")
    .map((name) => `WSAE${name}`),
  ..."CONNABORTED CONNRESET ISCONN NOTCONN SHUTDOWN TIMEDOUT CONNREFUSED HOSTUNREACH".split(" ").map((name) => `WSAE${name}`),
  ..."REQ_TIMED_OUT DEST_HOST_UNREACHABLE DEST_PORT_UNREACHABLE DEST_PROT_UNREACHABLE TTL_EXPIRED_TRANSIT PACKET_TOO_BIG GENERAL_FAILURE"
    .split(" ")
    .map((name) => `IP_${name}`),
];

const STEP_NAMES = Object.keys(STEP_SCHEMAS) as readonly StepName[];

/** One step, or a group of them. @throws InputError */
export function readStep(raw: unknown, path: Path, context: StepContext): ScenarioStep {
  const { document } = context;
  const keys = typeof raw === "object" && raw !== null && !Array.isArray(raw) ? Object.keys(raw) : [];
  if (keys.includes("do") || (keys.includes("title") && !keys.some((key) => key in STEP_SCHEMAS))) {
    const body = document.check(groupSchema, raw, path);
    // The ids of a group's steps count for what comes after it, its own too.
    const steps = body.do.map((item, index) => readStep(item, [...path, "do", index], context));
    return { ...common(body, path, context), do: "group", title: body.title ?? null, steps };
  }
  // In the order of the file: `ping: client` with `to:` is a ping, whatever else a key may be.
  const name = keys.includes("ioctl") ? "ioctl" : keys.find((key): key is StepName => key in STEP_SCHEMAS && key !== "text");
  if (name === undefined) {
    const [first] = keys;
    const found = first === undefined ? "" : `, found "${first}"${didYouMean(first, STEP_NAMES)}`;
    throw new InputError(`expected a step (${STEP_NAMES.join(", ")}, or title and do)${found}`, document.position(path));
  }
  return READERS[name](raw, path, context);
}

interface CommonBody {
  readonly at?: number | undefined;
  readonly id?: string | undefined;
  readonly needs?: string | readonly string[] | undefined;
  readonly expect?: ExpectBody | undefined;
}

const list = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === "string" ? [value] : value;

function common(body: CommonBody, path: Path, context: StepContext) {
  const { document, ids, sockets } = context;
  const needs = list(body.needs);
  for (const need of needs) {
    if (!ids.has(need) && !sockets.has(need)) {
      const known = [...sockets.keys(), ...ids];
      throw new InputError(
        `needs: expected a socket or the id of a step before, found "${need}"${didYouMean(need, known)}`,
        document.position([...path, "needs"]),
      );
    }
  }
  if (body.id !== undefined) {
    if (ids.has(body.id))
      throw new InputError(`expected an id of its own, found "${body.id}" a second time`, document.position([...path, "id"]));
    ids.add(body.id);
  }
  return {
    at: placeOf(document.position(path)),
    time: body.at ?? null,
    id: body.id ?? null,
    needs,
    expect: body.expect === undefined ? null : readExpect(body.expect, [...path, "expect"], context),
  };
}

interface CallBody extends CommonBody {
  readonly result?: string | undefined;
  readonly orClose?: boolean | undefined;
}

function call(body: CallBody, path: Path, context: StepContext) {
  const { result } = body;
  if (result !== undefined && !CALL_RESULTS.includes(result)) {
    throw new InputError(
      `result: expected ok, or an error of Winsock or ping, found "${result}"${didYouMean(result, CALL_RESULTS)}`,
      context.document.position([...path, "result"]),
    );
  }
  return { ...common(body, path, context), result: result ?? null, orClose: body.orClose ?? false };
}

/** The socket at a key of a step. */
function socket(
  name: string,
  key: string,
  path: Path,
  { document, sockets }: StepContext,
  ...protocols: ScenarioSocket["protocol"][]
): string {
  const found = sockets.get(name);
  const position = document.position([...path, key]);
  if (found === undefined) {
    const known = [...sockets.keys()];
    throw new InputError(
      `expected a socket (${known.join(", ") || "the scenario has none"}), found "${name}"${didYouMean(name, known)}`,
      position,
    );
  }
  if (protocols.length > 0 && !protocols.includes(found.protocol)) {
    throw new InputError(`expected a ${protocols.join(" or ")} socket, found "${name}", a ${found.protocol} socket`, position);
  }
  return name;
}

function host(name: string, key: string, path: Path, { document, names }: StepContext): string {
  return checkedHost(name, [...names.hosts.keys()], document.position([...path, key]));
}

type Reader = (raw: unknown, path: Path, context: StepContext) => ScenarioStep;

/** A call in the background can be awaited by its id and by its socket's name. */
function background(
  body: CallBody & { readonly background?: boolean | undefined },
  names: readonly string[],
  context: StepContext,
): boolean {
  if (body.background !== true) return false;
  for (const name of [...names, ...(body.id === undefined ? [] : [body.id])]) context.calls.add(name);
  return true;
}

const plainCall =
  (name: "open" | "listen" | "shutdown" | "close", ...protocols: ScenarioSocket["protocol"][]): Reader =>
  (raw, path, context) => {
    const body = context.document.check(STEP_SCHEMAS[name] as typeof STEP_SCHEMAS.open, raw, path) as CallBody & Record<string, unknown>;
    return { ...call(body, path, context), do: name, socket: socket(String(body[name]), name, path, context, ...protocols) };
  };

const READERS: Readonly<Record<StepName, Reader>> = {
  note(raw, path, context) {
    const body = context.document.check(STEP_SCHEMAS.note, raw, path);
    return { ...common(body, path, context), do: "note", host: host(body.host, "host", path, context), text: body.note };
  },
  wait(raw, path, context) {
    const body = context.document.check(STEP_SCHEMAS.wait, raw, path);
    return { ...common(body, path, context), do: "wait", seconds: body.wait === "idle" ? null : body.wait };
  },
  await(raw, path, context) {
    const body = context.document.check(STEP_SCHEMAS.await, raw, path);
    const calls = list(body.await);
    for (const name of calls) {
      if (context.calls.has(name)) continue;
      const known = [...context.calls];
      throw new InputError(
        `expected a call in the background (${known.join(", ") || "there is none"}), found "${name}"${didYouMean(name, known)}`,
        context.document.position([...path, "await"]),
      );
    }
    return { ...common(body, path, context), do: "await", calls };
  },
  awaitClosed(raw, path, context) {
    const body = context.document.check(STEP_SCHEMAS.awaitClosed, raw, path);
    const sockets = list(body.awaitClosed).map((name) => socket(name, "awaitClosed", path, context, "tcp"));
    return { ...common(body, path, context), do: "await-closed", sockets };
  },
  open: plainCall("open"),
  listen: plainCall("listen", "tcp"),
  shutdown: plainCall("shutdown", "tcp"),
  close: plainCall("close"),
  bind(raw, path, context) {
    const body = context.document.check(STEP_SCHEMAS.bind, raw, path);
    const to = body.address === undefined ? null : parseEnd(body.address, context.names, context.document.position([...path, "address"]));
    return { ...call(body, path, context), do: "bind", socket: socket(body.bind, "bind", path, context), to, port: body.port ?? 0 };
  },
  accept(raw, path, context) {
    const body = context.document.check(STEP_SCHEMAS.accept, raw, path);
    const listener = socket(body.accept, "accept", path, context, "tcp");
    const of = context.sockets.get(listener);
    if (of !== undefined) context.sockets.set(body.as, { ...of, name: body.as });
    const base = call(body, path, context);
    return { ...base, do: "accept", socket: listener, as: body.as, background: background(body, [body.as], context) };
  },
  connect(raw, path, context) {
    const body = context.document.check(STEP_SCHEMAS.connect, raw, path);
    const position = context.document.position([...path, "to"]);
    const to = parseEndpoint(body.to, context.names, position);
    if (to.port === null && to.end.kind !== "socket")
      throw new InputError(`expected a port, as in ${body.to}:80 or ${body.to}:$port`, position);
    const name = socket(body.connect, "connect", path, context, "tcp", "udp");
    return { ...call(body, path, context), do: "connect", socket: name, to, background: background(body, [name], context) };
  },
  send(raw, path, context) {
    const { document, names, sockets } = context;
    const body = document.check(STEP_SCHEMAS.send, raw, path);
    const name = socket(body.send, "send", path, context);
    const protocol = sockets.get(name)?.protocol;
    const position = document.position([...path, "to"]);
    const to = body.to === undefined ? null : parseEndpoint(body.to, names, position);
    if (to !== null && protocol === "tcp") throw new InputError("expected no `to`: a TCP socket sends to its peer", position);
    if (to === null && protocol === "raw") throw new InputError("expected `to`: a raw socket has no peer", document.position(path));
    if (to !== null && to.port === null && to.end.kind !== "socket" && protocol === "udp") {
      throw new InputError(`expected a port, as in ${body.to}:53`, position);
    }
    if ((body.text === undefined) === (body.bytes === undefined)) {
      throw new InputError("expected either text or bytes: what is sent", document.position(path));
    }
    return {
      ...call(body, path, context),
      do: "send",
      socket: name,
      to,
      data: body.text === undefined ? { bytes: body.bytes ?? 0 } : { text: body.text },
      arrivesAt: body.arrivesAt === undefined ? null : socket(body.arrivesAt, "arrivesAt", path, context, protocol ?? "tcp"),
    };
  },
  receive(raw, path, context) {
    const body = context.document.check(STEP_SCHEMAS.receive, raw, path);
    const name = socket(body.receive, "receive", path, context);
    return {
      ...call(body, path, context),
      do: "receive",
      socket: name,
      data: body.text ?? null,
      background: background(body, [name], context),
    };
  },
  join(raw, path, context) {
    const body = context.document.check(STEP_SCHEMAS.join, raw, path);
    const group = parseEnd(body.group, context.names, context.document.position([...path, "group"]));
    return { ...call(body, path, context), do: "join", socket: socket(body.join, "join", path, context, "udp"), group };
  },
  ioctl(raw, path, context) {
    const body = context.document.check(STEP_SCHEMAS.ioctl, raw, path);
    return { ...call(body, path, context), do: "ioctl", socket: socket(body.socket, "socket", path, context, "raw"), ioctl: body.ioctl };
  },
  ping(raw, path, context) {
    const body = context.document.check(STEP_SCHEMAS.ping, raw, path);
    return {
      ...call(body, path, context),
      do: "ping",
      host: host(body.ping, "ping", path, context),
      to: parseEnd(body.to, context.names, context.document.position([...path, "to"])),
      bytes: body.bytes ?? null,
      background: background(body, [], context),
    };
  },
  addFilter(raw, path, context) {
    const body = context.document.check(STEP_SCHEMAS.addFilter, raw, path);
    const name = host(body.addFilter, "addFilter", path, context);
    context.filters.get(name)?.add(body.filter.name);
    return { ...common(body, path, context), do: "add-filter", host: name, filter: readFilter(body.filter, [...path, "filter"], context) };
  },
  removeFilter(raw, path, context) {
    const body = context.document.check(STEP_SCHEMAS.removeFilter, raw, path);
    const name = host(body.removeFilter, "removeFilter", path, context);
    return { ...common(body, path, context), do: "remove-filter", host: name, name: filterOf(body.name, name, "name", path, context) };
  },
  interface(raw, path, context) {
    const { document, names } = context;
    const { interface: text, at: _, id, needs, expect, ...changes } = document.check(STEP_SCHEMAS.interface, raw, path);
    const position = document.position([...path, "interface"]);
    const end = parseEnd(text, names, position);
    const interfaces = end.kind === "host" ? (names.hosts.get(end.host) ?? []) : [];
    if (end.kind !== "host" || (end.interface === null && interfaces.length !== 1)) {
      throw new InputError(`expected HOST.INTERFACE, found "${text}"`, position);
    }
    if (Object.keys(changes).length === 0)
      throw new InputError("expected what changes: profile, up, forwarding, weakHostSend, weakHostReceive, addresses", position);
    for (const [index, address] of (changes.addresses ?? []).entries())
      checkAddress(address, document.position([...path, "addresses", index]));
    return {
      ...common({ at: _, id, needs, expect }, path, context),
      do: "interface",
      host: end.host,
      interface: end.interface ?? interfaces[0] ?? "",
      changes: changes as ScenarioInterfaceChange,
    };
  },
  complete(raw, path, context) {
    const body = context.document.check(STEP_SCHEMAS.complete, raw, path);
    const name = host(body.complete, "complete", path, context);
    return {
      ...common(body, path, context),
      do: "complete",
      host: name,
      filter: filterOf(body.filter, name, "filter", path, context),
      decision: body.with,
    };
  },
  inject(raw, path, context) {
    const { document, names } = context;
    const body = document.check(STEP_SCHEMAS.inject, raw, path);
    const isOne = typeof body.inject === "string";
    const packets = list(body.inject).map((text, index) =>
      parsePacket(text, names, document.position(isOne ? [...path, "inject"] : [...path, "inject", index])),
    );
    return { ...common(body, path, context), do: "inject", link: body.link ?? "network", packets };
  },
};

function filterOf(name: string, hostName: string, key: string, path: Path, { document, filters }: StepContext): string {
  const known = [...(filters.get(hostName) ?? [])];
  if (known.includes(name)) return name;
  throw new InputError(
    `expected a filter that the scenario adds to ${hostName} (${known.join(", ") || "there is none"}), found "${name}"`,
    document.position([...path, key]),
  );
}
