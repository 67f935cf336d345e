import {
  calloutName,
  FILTER_FLAG,
  type FieldValue,
  type Filter,
  type Guid,
  type Interpretation,
  type Layer,
  type Policy,
  unreachable,
} from "../model/index.ts";
import {
  ABSORB_STATES,
  BLOCK_STATES,
  CONTINUE_OUTCOME,
  isBlock,
  isHard,
  isPermit,
  outcomeOfStatic,
  PERMIT_STATES,
  SOURCE_CALLOUT,
  SOURCE_UNREGISTERED,
  type Source,
  stateOf,
} from "./arbitrate.ts";
import { builtInCallout, isBuiltInAndRegistered, neverDecides } from "./builtin-callouts.ts";
import type { Callout, ClassifyOut, ClassifyRequest, StackServices } from "./callout.ts";
import type { ClassifyContext } from "./classify-context.ts";

/**
 * What stands behind a callout key at the moment: nobody, somebody whose code is not known, one that is known to leave every decision
 * alone, or a model.
 */
export type CalloutState =
  | { readonly kind: "unregistered" }
  | { readonly kind: "opaque" }
  | { readonly kind: "silent" }
  | { readonly kind: "model"; readonly callout: Callout };

/** A callout key as the filters refer to it; all filters share one, so that registering takes effect at once. */
export interface CalloutBinding {
  readonly key: Guid;
  name: string;
  state: CalloutState;
  /** FWP_CALLOUT_FLAG_CONDITIONAL_ON_FLOW of a callout without a model. */
  conditionalOnFlow: boolean;
}

const UNREGISTERED: CalloutState = { kind: "unregistered" };
const OPAQUE: CalloutState = { kind: "opaque" };
const SILENT: CalloutState = { kind: "silent" };

function modelled(callout: Callout): CalloutState {
  return neverDecides(callout) ? SILENT : { kind: "model", callout };
}

/**
 * What a policy says stands behind `key`. Registered per the dump's flag; where the source does not say, or (in a partial dump)
 * does not list callouts at all, it is taken for registered. A callout that nobody has added is not registered, unless it is one that
 * comes with the filter engine.
 */
export function bindCallout(key: Guid, policy: Policy, models: ReadonlyMap<Guid, Callout | null>): CalloutBinding {
  const object = policy.callouts.find((candidate) => candidate.key === key);
  const name = object?.name ?? calloutName(key);
  const conditionalOnFlow = object !== undefined && (object.flags & 1) !== 0;
  const given = models.get(key);
  const builtIn = builtInCallout(key);
  let state: CalloutState;
  if (given !== undefined) state = given === null ? UNREGISTERED : modelled(given);
  else if (object !== undefined ? object.registered === false : policy.completeness !== "filters" && !isBuiltInAndRegistered(key)) {
    state = UNREGISTERED;
  } else state = builtIn === undefined ? OPAQUE : modelled(builtIn);
  return { key, name, state, conditionalOnFlow };
}

/** Whether calling can have no effect, so that the filter need not even be evaluated: an inspection that no model looks at. */
export function isIneffective(binding: CalloutBinding, filter: Filter): boolean {
  return filter.action.type === "FWP_ACTION_CALLOUT_INSPECTION" && binding.state.kind !== "model";
}

/** Anything a callout may return; a block may absorb or not, which is not said of a callout that nobody knows. */
const OPAQUE_OUTCOMES = PERMIT_STATES | (BLOCK_STATES & ~ABSORB_STATES);

export function calloutSource(binding: CalloutBinding): Source {
  return binding.state.kind === "unregistered" ? SOURCE_UNREGISTERED : SOURCE_CALLOUT;
}

/** Who asks: the layer's part of a callout request. */
export interface CalloutCall {
  readonly layer: Layer;
  readonly values: readonly FieldValue[];
  readonly context: ClassifyContext;
  readonly interpretation: Interpretation;
}

/** The stack's services as one callout sees them: with its own flow context and its own view of the stream. */
function servicesFor(stack: StackServices | undefined, key: Guid, filter: Filter): StackServices | undefined {
  if (stack === undefined || (stack.flowContextOf === undefined && stack.forCallout === undefined)) return stack;
  const context = stack.flowContextOf === undefined ? {} : { flowContext: stack.flowContextOf(key) };
  return { ...stack, ...context, ...stack.forCallout?.(key, filter) };
}

/**
 * Outcome mask of a matching filter that names a callout, given the state of arbitration (WFP-SEMANTICS 1.5, 3.4). `real` is false
 * where the call is a supposition; the stack's services are then withheld.
 */
export function calloutOutcomes(binding: CalloutBinding, filter: Filter, state: number, real: boolean, call: CalloutCall): number {
  switch (binding.state.kind) {
    case "silent":
      return CONTINUE_OUTCOME;
    case "unregistered":
      if (filter.action.type === "FWP_ACTION_CALLOUT_INSPECTION") return CONTINUE_OUTCOME;
      return outcomeOfStatic(
        (filter.flags & FILTER_FLAG.PERMIT_IF_CALLOUT_UNREGISTERED) === 0 ? "block" : "permit",
        (filter.flags & FILTER_FLAG.CLEAR_ACTION_RIGHT) !== 0,
      );
    case "opaque":
      return opaqueOutcomes(binding, filter);
    case "model":
      return modelOutcomes(binding, binding.state.callout, filter, state, real, call);
    default:
      return unreachable(binding.state);
  }
}

function opaqueOutcomes(binding: CalloutBinding, filter: Filter): number {
  if (filter.action.type === "FWP_ACTION_CALLOUT_INSPECTION") return CONTINUE_OUTCOME;
  const mayContinue = filter.action.type === "FWP_ACTION_CALLOUT_UNKNOWN" || binding.conditionalOnFlow;
  return OPAQUE_OUTCOMES | (mayContinue ? CONTINUE_OUTCOME : 0);
}

function modelOutcomes(
  binding: CalloutBinding,
  callout: Callout,
  filter: Filter,
  state: number,
  real: boolean,
  { layer, values, context, interpretation }: CalloutCall,
): number {
  if (context.stack?.isExcused?.(binding.key) === true) return CONTINUE_OUTCOME;
  const services = servicesFor(context.stack, binding.key, filter);
  // Without a flow there is no context, and without a context the callout is not invoked (I:fwps_callout0).
  if (callout.conditionalOnFlow === true && services?.flowContext?.get() === undefined) return CONTINUE_OUTCOME;
  const request: ClassifyRequest = {
    layer,
    values,
    metadata: context.metadata,
    filter,
    action: isPermit(state) ? "permit" : isBlock(state) ? "block" : "none",
    writable: !isHard(state),
    stack: real ? services : undefined,
  };
  if (callout.knows !== undefined && !callout.knows(request)) return opaqueOutcomes(binding, filter);
  const out: ClassifyOut = { action: "none", writable: request.writable, absorb: false };
  callout.classify(request, out);
  // The result of an inspection is ignored (WFP-CONFORMANCE A13).
  if (filter.action.type === "FWP_ACTION_CALLOUT_INSPECTION") return CONTINUE_OUTCOME;
  if (out.action === "permit" || out.action === "block") {
    return 1 << stateOf(out.action, out.writable, out.absorb && layer.discardOf === null);
  }
  const undecided = filter.action.type === "FWP_ACTION_CALLOUT_TERMINATING" && out.action === "none";
  if (undecided && interpretation.undecidedTerminatingCallout === "block") return 1 << stateOf("block", out.writable, false);
  return CONTINUE_OUTCOME;
}
