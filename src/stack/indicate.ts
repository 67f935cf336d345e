import type { StackServices } from "../engine/index.ts";
import { CONDITION_FLAG, type EventName, existsIn, type Layer, type Profile, toAppId } from "../model/index.ts";
import { flowServices } from "./ale/flow-services.ts";
import type { Classified } from "./diagnostics/classified.ts";
import { diagnose } from "./diagnostics/diagnose.ts";
import type { IndicationFacts } from "./facts.ts";
import { factsOf } from "./facts-of.ts";
import type { Host } from "./host.ts";
import { injectionServices } from "./reinject.ts";
import { indicate as indicateAt, type UnstampedIndication } from "./shims/indicate.ts";
import { SHIMS, type ShimName } from "./shims/shims.ts";
import { endsOf, type Situation } from "./situation.ts";

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
  if (layer === undefined || !existsIn(layer.since, host.windows)) return PASSES;
  const facts = factsOf(host, situation);
  const { passes, absorbed } = indicateAt(
    {
      name: host.name,
      engine: host.engine,
      record: (indication, told) => {
        host.record(indication);
        if (!isTwin(indication.layer, layer)) log(host, situation, indication, told);
      },
    },
    shim,
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

/** The discard layer that follows a block, as opposed to one that the stack itself indicates to. */
function isTwin(visited: Layer, indicated: Layer): boolean {
  return visited.key !== indicated.key;
}

function log(host: Host, situation: Situation, indication: UnstampedIndication, facts: IndicationFacts): void {
  const { layer, decision, subLayers, direction, assumed } = indication;
  const owner = layer.name.includes("_ALE_") ? (situation.connection?.endpoint ?? situation.endpoint ?? null) : null;
  const outcome = assumed ?? (decision.verdict === "block" ? "block" : "permit");
  const classified: Classified = {
    host: host.name,
    windows: host.windows,
    layer,
    direction,
    decision,
    subLayers,
    outcome,
    protocol: indication.flow.protocol,
    ...endsOf(situation),
    appId: owner === null ? null : toAppId(owner.process.path, host.volumes),
    processId: owner?.process.processId ?? null,
    interfaceIndex: facts.metadata.interfaceIndex ?? null,
    flags: facts.flags | (facts.isLoopback === true ? CONDITION_FLAG.IS_LOOPBACK : 0),
    reauthorizeReason: situation.reauthorizeReason ?? 0,
    originalProfile: knownProfile(facts.originalProfile),
    currentProfile: knownProfile(facts.currentProfile),
  };
  for (const event of diagnose(classified, host.diagnostics)) host.record(event);
}

function knownProfile(profile: IndicationFacts["originalProfile"]): Profile {
  return typeof profile === "string" ? profile : "none";
}
