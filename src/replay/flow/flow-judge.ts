import type { FilterEngine } from "../../engine/index.ts";
import type { Dependency, FlowDecider, FlowSpec, Profile, WindowsVersion } from "../../model/index.ts";
import { type FlowJudgment, type JudgedStep, judgeFlow, judgePacket, judgeReauthorization } from "../../stack/index.ts";
import { STAGE_ANSWER, STAGE_REST, STAGE_SYN } from "./fate.ts";
import type { FlowState } from "./flow-state.ts";

export interface JudgeOptions {
  readonly windows: WindowsVersion;
  readonly volumes?: Readonly<Record<string, string>>;
  readonly profile?: Profile;
}

/** Layers of later packets, per IP version, that are asked only where somebody has filters there. */
const LATER = /^FWPM_LAYER_(INBOUND_IPPACKET|INBOUND_TRANSPORT|STREAM|DATAGRAM_DATA|OUTBOUND_TRANSPORT|OUTBOUND_IPPACKET)_V[46]$/;

/** Gives flows their verdict by one policy. */
export class FlowJudge {
  readonly engine: FilterEngine;
  readonly #options: JudgeOptions;
  /** Whether any filter looks at packets after the first. */
  readonly #looksLater: boolean;

  constructor(engine: FilterEngine, options: JudgeOptions) {
    this.engine = engine;
    this.#options = options;
    this.#looksLater = engine.policy.layers.some(({ key, name }) => LATER.test(name) && engine.isFiltered(key));
  }

  /** The verdict of a flow that has just been seen first, or of one whose answer says that nobody listens. */
  judge(flow: FlowState, listener: boolean): void {
    const judgment = judgeFlow(this.engine, flow.flow, { ...this.#options, listener });
    flow.verdict = judgment.verdict;
    flow.decider = deciderOf(judgment.decisive);
    flow.blockedStage = judgment.verdict === "block" ? blockedStage(judgment) : 0;
    flow.blocksReaction = judgment.verdict === "block" && judgment.decisive !== null && judgment.decisive.layer.discardOf !== null;
    flow.laterInbound = undefined;
    flow.laterOutbound = undefined;
    if (flow.verdict === "permit" && this.#looksLater) {
      flow.laterInbound = this.#later(flow.flow, "inbound");
      flow.laterOutbound = this.#later(flow.flow, "outbound");
    }
  }

  /** A flow that an earlier policy authorized meets this one: the layer that authorized it is asked again (WFP-SHIMS 4.6). */
  reauthorize(flow: FlowState): void {
    const judgment = judgeReauthorization(this.engine, flow.flow, this.#options);
    flow.reauthorized = true;
    flow.verdict = judgment.verdict;
    flow.decider = deciderOf(judgment.decisive);
    flow.denied = judgment.verdict === "block";
  }

  #later(flow: FlowSpec, direction: "inbound" | "outbound"): FlowDecider | null {
    const judgment = judgePacket(this.engine, flow, direction, this.#options);
    return judgment.verdict === "block" ? deciderOf(judgment.decisive) : null;
  }
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
