import { InputError, type InputPosition } from "../../model/index.ts";
import type { InvariantTestBody } from "./suite-schema.ts";

/** What an invariant comes to in flows. */
export interface InvariantFlows {
  readonly flows: readonly string[];
  readonly exceptFlows: readonly string[];
  readonly pairs: readonly (readonly [v4: string, v6: string])[];
  readonly verdict: "permit" | "block";
}

const NONE = { exceptFlows: [], pairs: [] } as const;

/** Which keys each invariant takes beside those of every test. */
const KEYS: Readonly<Record<InvariantTestBody["invariant"], readonly string[]>> = {
  "nothing inbound from the Internet": ["except"],
  "agent reaches its cloud": ["app", "service", "to", "ports"],
  "no leak outside the tunnel": ["tunnel", "except"],
  "v4 and v6 agree": ["flows", "pairs"],
  "loopback works": ["app", "except"],
};

/** Peers of the same kind in both families, for "v4 and v6 agree": somewhere in the Internet. Which neighbours match only the user knows. */
const PAIRS: readonly { readonly v4: string; readonly v6: string }[] = [{ v4: "8.8.8.8", v6: "2606:4700::9" }];

/**
 * The flows that an invariant speaks of.
 * @throws InputError where it lacks what it needs or has what it does not take.
 */
export function invariantFlows(body: InvariantTestBody, position: InputPosition): InvariantFlows {
  const takes = KEYS[body.invariant];
  for (const key of ["except", "app", "service", "to", "ports", "tunnel", "flows", "pairs"] as const) {
    if (body[key] !== undefined && !takes.includes(key))
      throw new InputError(`"${body.invariant}" takes ${takes.join(", ")}, found ${key}`, position);
  }
  const need = (key: "app" | "to" | "tunnel"): string => {
    const value = body[key];
    if (value === undefined) throw new InputError(`"${body.invariant}" needs "${key}:"`, position);
    return value;
  };
  switch (body.invariant) {
    case "nothing inbound from the Internet":
      return { ...NONE, verdict: "block", flows: ["in any internet > any app=any user=any package=any"] };
    case "agent reaches its cloud": {
      const service = body.service === undefined ? "" : ` service=${quote(body.service)}`;
      const end = need("to").includes(":") ? `[${need("to")}]` : need("to");
      return { ...NONE, verdict: "permit", flows: [`out tcp any > ${end}:${body.ports ?? "443"} app=${quote(need("app"))}${service}`] };
    }
    case "no leak outside the tunnel":
      return {
        ...NONE,
        verdict: "block",
        flows: ["out any any > any if=any app=any user=any package=any"],
        exceptFlows: [`out any any > any if=${need("tunnel")}`],
      };
    case "v4 and v6 agree": {
      const flows = body.flows ?? ["in tcp any > any", "in udp any > any", "out tcp any > any", "out udp any > any"];
      const peers = body.pairs ?? PAIRS;
      return {
        ...NONE,
        verdict: "permit",
        flows: [],
        pairs: flows.flatMap((flow) => peers.map(({ v4, v6 }) => [withPeer(flow, v4, position), withPeer(flow, v6, position)] as const)),
      };
    }
    case "loopback works": {
      const app = body.app === undefined ? "app=any" : `app=${quote(body.app)}`;
      return { ...NONE, verdict: "permit", flows: [`out tcp,udp loopback > loopback ${app}`, `in tcp,udp loopback > loopback ${app}`] };
    }
  }
}

/** The flow with the peer's address filled in where it is `any` or `*`. */
function withPeer(flow: string, address: string, position: InputPosition): string {
  const end = address.includes(":") ? `[${address}]` : address;
  const [, head = "", source = "", destination = "", tail = ""] = /^\s*((?:in|out)\s+\S+)\s+(\S+)\s*>\s*(\S+)(.*)$/i.exec(flow) ?? [];
  const fill = (text: string) => text.replace(/^(any|\*)(?=:|$)/i, end);
  const inbound = /^in\s/i.test(head);
  const filled = inbound ? `${head} ${fill(source)} > ${destination}${tail}` : `${head} ${source} > ${fill(destination)}${tail}`;
  if (filled.includes(end)) return `${filled} family=${address.includes(":") ? 6 : 4}`;
  throw new InputError(`expected a flow whose peer is any, found "${flow}"`, position);
}

function quote(value: string): string {
  return `"${value.replaceAll('"', '""')}"`;
}
