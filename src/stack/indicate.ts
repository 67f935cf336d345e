import type { StackServices } from "../engine/index.ts";
import type { EventName, Layer } from "../model/index.ts";
import { flowServices } from "./ale/flow-services.ts";
import { log, needsFilters } from "./diagnostics/log.ts";
import { factsOf } from "./facts-of.ts";
import type { Host } from "./host.ts";
import { injectionServices } from "./reinject.ts";
import { indicate as indicateAt } from "./shims/indicate.ts";
import { SHIMS, type ShimName } from "./shims/shims.ts";
import { endsOf, type Situation } from "./situation.ts";
import { hasLayer } from "./versions/features.ts";

/** What the stack has to obey: whether the operation or packet goes on, or, at a discard layer, whether the stack may react. */
export interface Answer {
  readonly passes: boolean;
  /** Blocked by a callout that nobody is to hear of. */
  readonly absorbed: boolean;
}

/**
 * Layers that Microsoft's packet-flow tables leave out, though every frame and segment passes them. They are indicated, and so recorded,
 * where a filter is there to look (HostOptions.allLayers: always).
 */
const QUIET: ReadonlySet<ShimName> = new Set([
  "inboundMacFrameEthernet",
  "inboundMacFrameNative",
  "outboundMacFrameEthernet",
  "outboundMacFrameNative",
  "streamPacket",
]);

const PASSES: Answer = { passes: true, absorbed: false };

/**
 * One indication of a running host: the shim classifies and records, then the host writes what Windows would log about it. A layer that
 * the host's Windows does not have is passed.
 */
export function indicate(host: Host, name: ShimName, situation: Situation, event: EventName, stack?: StackServices): Answer {
  const shim = SHIMS[name];
  const layer = host.engine.layer(shim.layer[endsOf(situation).family]);
  if (layer !== undefined && QUIET.has(name) && !host.allLayers && !host.engine.isFiltered(layer.key)) return PASSES;
  if (layer === undefined || !hasLayer(layer, host.windows)) return PASSES;
  const facts = factsOf(host, situation);
  const { passes, absorbed } = indicateAt(
    {
      name: host.name,
      engine: host.engine,
      wantsFilters: needsFilters(host, layer.name, facts),
      record: (indication, told, filters) => {
        host.record(indication);
        if (!isTwin(indication.layer, layer)) log(host, situation, indication, told, filters);
        else if (host.interpretation.dropEvents === "per-layer") log(host, situation, { ...indication, assumed: "block" }, told, filters);
      },
    },
    shim,
    layer,
    facts,
    event,
    { ...injectionServices(host, name, situation), ...flowServicesOf(host, situation), ...stack },
  );
  return { passes, absorbed };
}

function flowServicesOf(host: Host, { connection, flow }: Situation): StackServices {
  const own = connection?.flow ?? flow ?? null;
  return own === null ? {} : flowServices(host, own);
}

/**
 * The discard layer that follows a block, as opposed to one that the stack itself indicates to. What it sees is dropped already, whatever
 * its filters say; whether that is another event is Interpretation.dropEvents (WFP-CONFORMANCE Q18).
 */
function isTwin(visited: Layer, indicated: Layer): boolean {
  return visited.key !== indicated.key;
}
