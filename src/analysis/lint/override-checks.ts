import { CONTINUES, endsWithBlock, isFinalState, type LayerProgram, type ProgramFilter } from "../../engine/index.ts";
import { FILTER_FLAG, type Filter, layerName } from "../../model/index.ts";
import { FALSE } from "../bdd/bdd.ts";
import { BudgetExceeded } from "../bdd/budget-exceeded.ts";
import { isWindowsOwn } from "../findings/filter-makers.ts";
import { PacketSpace } from "../space/packet-space.ts";
import { layerSets } from "../symbolic/layer-sets.ts";
import type { Finding, LintCheck, LintContext } from "./check.ts";
import { decides, short } from "./condition-checks.ts";

/** Filters named in one finding. */
const NAMED = 5;

const isHardPermit = ({ action, flags }: Filter) => action.type === "FWP_ACTION_PERMIT" && (flags & FILTER_FLAG.CLEAR_ACTION_RIGHT) !== 0;
const isBlock = ({ action }: Filter) => action.type === "FWP_ACTION_BLOCK";

/** Hard permits of higher sublayers without which somebody else's filters would block. */
function overridden(context: LintContext): readonly Finding[] {
  return inLayersWith(context, isHardPermit, (space, program, hard) => {
    const { decided } = layerSets(space, program);
    return hard.flatMap((permit): Finding[] => {
      const opened = decided.get(permit.filter) ?? FALSE;
      if (opened === FALSE) return [];
      const without = layerSets(space, withoutFilter(program, permit));
      const closed = space.bdd.and(without.block, opened);
      if (closed === FALSE) return [];
      const blocks = [...without.decided].flatMap(([filter, set]) =>
        isBlock(filter) && !isOfSameMaker(filter, permit.filter) && space.bdd.intersects(set, closed) ? [filter] : [],
      );
      if (blocks.length === 0) return [];
      return [
        {
          message: `a hard permit (CLEAR_ACTION_RIGHT) at ${short(program.layer.name)} opens what lower sublayers block: ${names(blocks)}`,
          filter: permit.filter,
          related: blocks.slice(0, NAMED),
        },
      ];
    });
  });
}

function isOfSameMaker(one: Filter, other: Filter): boolean {
  return one.providerKey !== null && one.providerKey === other.providerKey;
}

function withoutFilter({ layer, subLayers }: LayerProgram, left: ProgramFilter): LayerProgram {
  return { layer, subLayers: subLayers.map((each) => ({ ...each, filters: each.filters.filter((filter) => filter !== left) })) };
}

/** Callouts that may block softly, and permits of lower sublayers that would open what they block. */
function soft(context: LintContext): readonly Finding[] {
  return inLayersWith(
    context,
    (filter) => "calloutKey" in filter.action && !isWindowsOwn(filter),
    (space, program, callouts) =>
      callouts.flatMap((own): Finding[] => {
        if (!mayBlockSoftly(own)) return [];
        const at = program.subLayers.findIndex(({ filters }) => filters.includes(own));
        const match = space.match(own, program.layer);
        const permits = program.subLayers
          .slice(at + 1)
          .flatMap(({ filters }) => filters)
          .filter(({ filter }) => filter.action.type === "FWP_ACTION_PERMIT" && !isOfSameMaker(filter, own.filter))
          .filter((permit) => space.bdd.intersects(match, space.match(permit, program.layer)))
          .map(({ filter }) => filter);
        if (permits.length === 0) return [];
        return [
          {
            message: `its callout may block softly at ${short(program.layer.name)}, as CLEAR_ACTION_RIGHT is not set: permits of lower sublayers would open that again: ${names(permits)}`,
            filter: own.filter,
            related: permits.slice(0, NAMED),
          },
        ];
      }),
  );
}

function mayBlockSoftly(filter: ProgramFilter): boolean {
  const outcomes = filter.outcomes(0, 0) & ~CONTINUES;
  return Array.from({ length: 31 }, (_, state) => state).some(
    (state) => (outcomes & (1 << state)) !== 0 && endsWithBlock(state) && !isFinalState(state),
  );
}

/** What a check says of the layers that have some filters. */
function inLayersWith(
  { engine, policy, maxNodes }: LintContext,
  wanted: (filter: Filter) => boolean,
  run: (space: PacketSpace, program: LayerProgram, filters: readonly ProgramFilter[]) => readonly Finding[],
): readonly Finding[] {
  return policy.layers.flatMap((layer): readonly Finding[] => {
    if (!engine.isFiltered(layer.key)) return [];
    const program = engine.program(layer);
    const own = program.subLayers.flatMap(({ filters }) => filters.filter(({ filter }) => wanted(filter)));
    if (own.length === 0) return [];
    try {
      return run(new PacketSpace([program], maxNodes === undefined ? {} : { maxNodes }), program, own);
    } catch (error) {
      if (!(error instanceof BudgetExceeded)) throw error;
      return [{ message: `not settled for ${short(layer.name)}: ${error.message}`, filter: null }];
    }
  });
}

function names(filters: readonly Filter[]): string {
  const more = filters.length > NAMED ? ` and ${filters.length - NAMED} more` : "";
  const first = filters.slice(0, NAMED).map(({ name, filterId }) => `"${name}" (#${filterId})`);
  return `${first.join(", ")}${more}`;
}

/** Blocks with a flag of which documentation says both that it makes them soft and that it does nothing. */
function ambiguous({ filters }: LintContext): readonly Finding[] {
  return filters
    .filter((filter) => isBlock(filter) && (filter.flags & FILTER_FLAG.CLEAR_ACTION_RIGHT) !== 0)
    .map((filter) => ({
      message: `a block with CLEAR_ACTION_RIGHT at ${short(layerName(filter.layerKey))}: documentation contradicts itself on whether lower sublayers may override it; a plain block they may not`,
      filter,
    }));
}

/** Filters that decide after the handshake. */
function late({ filters }: LintContext): readonly Finding[] {
  return filters
    .filter(
      (filter) => (decides(filter) || filter.action.type === "FWP_ACTION_CALLOUT_TERMINATING") && isLate(filter) && !isWindowsOwn(filter),
    )
    .map((filter) => {
      const place = short(layerName(filter.layerKey));
      return isBlock(filter)
        ? {
            message: `blocks at ${place}: the connection is reset after its handshake; ALE_AUTH_CONNECT and ALE_AUTH_RECV_ACCEPT block before`,
            filter,
          }
        : {
            message: `decides at ${place}, where connections have been authorized: it can only stop those that others let through`,
            filter,
          };
    });
}

function isLate({ layerKey }: Filter): boolean {
  return layerName(layerKey).includes("ALE_FLOW_ESTABLISHED");
}

export const OVERRIDE_CHECKS: readonly LintCheck[] = [
  {
    id: "WFP010",
    name: "HardPermit",
    severity: "warning",
    title: "A hard permit that opens what others block",
    advice:
      "Whoever owns the block believes that the traffic is stopped. Make the permit soft, move it below the block, or narrow it down.",
    run: overridden,
  },
  {
    id: "WFP011",
    name: "AmbiguousRights",
    severity: "note",
    title: "A block whose rights documentation does not settle",
    advice: "Remove the flag from the block: a block without it is final on every version of Windows.",
    run: ambiguous,
  },
  {
    id: "WFP012",
    name: "BlocksAfterHandshake",
    severity: "warning",
    title: "A terminating filter at FLOW_ESTABLISHED",
    advice: "Move it to ALE_AUTH_CONNECT and ALE_AUTH_RECV_ACCEPT, where the peer learns of nothing.",
    run: late,
  },
  {
    id: "WFP013",
    name: "SoftBlock",
    severity: "note",
    title: "A block that a weaker filter may override",
    advice: "Set CLEAR_ACTION_RIGHT on the filter, so that its callout's block is final, or put its sublayer below those that permit.",
    run: soft,
  },
];
