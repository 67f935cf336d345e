import type { FilterEngine } from "../../engine/index.ts";
import type { Dependency, FlowDecider, FlowSpec, Guid, Profile, WindowsVersion } from "../../model/index.ts";
import { type FlowJudgment, type JudgedStep, judgeFlow, judgePacket, judgeReauthorization } from "../../stack/index.ts";
import { STAGE_ANSWER, STAGE_REST, STAGE_SYN } from "./fate.ts";
import { FlowClasses } from "./flow-classes.ts";
import type { FlowState } from "./flow-state.ts";
import { type FlowVerdict, type LaterFate, type LaterPackets, PASSES } from "./flow-verdict.ts";

export interface JudgeOptions {
  readonly windows: WindowsVersion;
  readonly volumes?: Readonly<Record<string, string>>;
  readonly profile?: Profile;
}

/** Layers of later packets, per IP version, that are asked only where somebody has filters there. */
const LATER = /^FWPM_LAYER_(INBOUND_IPPACKET|INBOUND_TRANSPORT|STREAM|DATAGRAM_DATA|OUTBOUND_TRANSPORT|OUTBOUND_IPPACKET)_V[46]$/;

/** Verdicts that are kept: classes of flows, of which a policy tells some thousands apart at most in practice. */
const MOST_VERDICTS = 1 << 15;

/** Gives flows their verdict by one policy. */
export class FlowJudge {
  readonly engine: FilterEngine;
  readonly #options: JudgeOptions;
  /** Whether any filter looks at packets after the first. */
  readonly #looksLater: boolean;
  readonly #filters = new Map<Guid, string>();
  readonly #verdicts = new Map<string, FlowVerdict>();
  #classes: FlowClasses;

  constructor(engine: FilterEngine, options: JudgeOptions) {
    this.engine = engine;
    this.#options = options;
    this.#classes = new FlowClasses(engine);
    this.#looksLater = engine.policy.layers.some(({ key, name }) => LATER.test(name) && engine.isFiltered(key));
  }

  /** The verdict of a flow that has just been seen first, or of one whose answer says that nobody listens. */
  judge(flow: FlowState, listener: boolean): void {
    flow.judged = this.#once(`${listener ? "new" : "closed"} ${this.#classes.classOf(flow.flow)}`, () =>
      this.#verdictOf(flow.flow, listener),
    );
  }

  /** A flow that an earlier policy authorized meets this one: the layer that authorized it is asked again (WFP-SHIMS 4.6). */
  reauthorize(flow: FlowState): void {
    const again = this.#once(`again ${this.#classes.classOf(flow.flow)}`, () => this.#reauthorization(flow.flow));
    flow.reauthorized = true;
    if (again.verdict === "block") flow.deniedAt = flow.packets;
    // Whether there is a flow to permit was open, and still is.
    flow.judged = flow.judged.verdict === "permit" || again.verdict === "block" ? again : { ...flow.judged, later: again.later };
  }

  /** The packet layers are asked about every packet, so that a policy's change counts at once. */
  meetLater(flow: FlowState): void {
    const later = flow.judged.verdict === "permit" ? this.#laterOf(flow.flow) : null;
    if (later !== flow.judged.later) flow.judged = { ...flow.judged, later };
  }

  #verdictOf(flow: FlowSpec, listener: boolean): FlowVerdict {
    const judgment = judgeFlow(this.engine, flow, { ...this.#options, listener });
    const { verdict, decisive } = judgment;
    const isBlocked = verdict === "block";
    return {
      verdict,
      decider: deciderOf(decisive),
      blockedStage: isBlocked ? blockedStage(judgment) : 0,
      blocksReaction: isBlocked && decisive !== null && decisive.layer.discardOf !== null,
      later: verdict === "permit" ? this.#laterOf(flow) : null,
    };
  }

  #reauthorization(flow: FlowSpec): FlowVerdict {
    const { verdict, decisive } = judgeReauthorization(this.engine, flow, this.#options);
    const later = verdict === "permit" ? this.#laterOf(flow) : null;
    return { ...PASSES, verdict, decider: deciderOf(decisive), later };
  }

  /** What was found out for one flow holds for all that the policy cannot tell from it. */
  #once(flowClass: string, judge: () => FlowVerdict): FlowVerdict {
    const known = this.#verdicts.get(flowClass);
    if (known !== undefined) return known;
    if (this.#verdicts.size >= MOST_VERDICTS) {
      this.#verdicts.clear();
      this.#classes = new FlowClasses(this.engine);
    }
    const verdict = judge();
    this.#verdicts.set(flowClass, verdict);
    return verdict;
  }

  /** Whether filters were added or removed at the layer between another policy and this one; only then are flows asked again. */
  differsFrom(before: FlowJudge, layerKey: Guid): boolean {
    return this.#filtersAt(layerKey) !== before.#filtersAt(layerKey);
  }

  /** What tells the filters of a layer from others. */
  #filtersAt(layerKey: Guid): string {
    const known = this.#filters.get(layerKey);
    if (known !== undefined) return known;
    const text = this.engine.policy.filters
      .filter((filter) => filter.layerKey === layerKey)
      .map(({ key, filterId, subLayerKey, effectiveWeight, action, conditions }) =>
        JSON.stringify([key, filterId, subLayerKey, effectiveWeight, action, conditions], plain),
      )
      .sort()
      .join("\n");
    this.#filters.set(layerKey, text);
    return text;
  }

  #laterOf(flow: FlowSpec): LaterPackets | null {
    if (!this.#looksLater) return null;
    const fate = (direction: "inbound" | "outbound", hasData: boolean): LaterFate | null => {
      const { verdict, decisive } = judgePacket(this.engine, flow, { direction, hasData }, this.#options);
      return verdict === "permit" ? null : { verdict, decider: deciderOf(decisive) };
    };
    return {
      inbound: fate("inbound", false),
      outbound: fate("outbound", false),
      inboundData: fate("inbound", true),
      outboundData: fate("outbound", true),
    };
  }
}

function plain(_name: string, value: unknown): unknown {
  return typeof value === "bigint" ? `${value}` : value;
}

/** The stage of the handshake at which a flow ends. */
function blockedStage({ decisive }: FlowJudgment): number {
  if (decisive === null) return 0;
  if (decisive.layer.discardOf !== null) return STAGE_ANSWER;
  switch (decisive.event) {
    case "connect":
    case "SYN":
      return STAGE_SYN;
    case "SYN-ACK":
    case "RST":
      return STAGE_ANSWER;
    default:
      return STAGE_REST;
  }
}

function deciderOf(step: JudgedStep | null): FlowDecider | null {
  if (step === null) return null;
  const { layer, decision } = step;
  return {
    layer: layer.name.replace("FWPM_LAYER_", ""),
    code: decision.code,
    filter: decision.filter,
    dependsOn: decision.verdict === "indeterminate" ? [...new Set(decision.dependsOn.map(textOf))] : [],
  };
}

function textOf(dependency: Dependency): string {
  return dependency.kind === "field" ? dependency.field : `callout ${dependency.calloutName}`;
}
