import { FILTER_FLAG, type Filter, layerName } from "../../model/index.ts";
import { FALSE } from "../bdd/bdd.ts";
import { BudgetExceeded } from "../bdd/budget-exceeded.ts";
import { PacketSpace } from "../space/packet-space.ts";
import { layerSets } from "../symbolic/layer-sets.ts";
import type { Finding, LintCheck, LintContext } from "./check.ts";
import { short } from "./condition-checks.ts";

/** Filters named in one finding. */
const NAMED = 5;

const isHardPermit = ({ action, flags }: Filter) => action.type === "FWP_ACTION_PERMIT" && (flags & FILTER_FLAG.CLEAR_ACTION_RIGHT) !== 0;
const isBlock = ({ action }: Filter) => action.type === "FWP_ACTION_BLOCK";

/** Hard permits of higher sublayers that decide what blocks below would block. */
function overridden({ engine, policy, maxNodes }: LintContext): readonly Finding[] {
  const findings: Finding[] = [];
  for (const layer of policy.layers) {
    if (!engine.isFiltered(layer.key)) continue;
    const program = engine.program(layer);
    const hard = program.subLayers.flatMap(({ filters }) => filters.filter(({ filter }) => isHardPermit(filter)));
    if (hard.length === 0) continue;
    try {
      const space = new PacketSpace([program], maxNodes === undefined ? {} : { maxNodes });
      const { decided } = layerSets(space, program);
      for (const permit of hard) {
        const opened = decided.get(permit.filter) ?? FALSE;
        if (opened === FALSE) continue;
        const at = program.subLayers.findIndex(({ filters }) => filters.includes(permit));
        const blocks = program.subLayers
          .slice(at + 1)
          .flatMap(({ filters }) => filters)
          .filter(({ filter }) => isBlock(filter))
          .filter((block) => space.bdd.intersects(space.match(block, layer), opened))
          .map(({ filter }) => filter);
        if (blocks.length === 0) continue;
        const more = blocks.length > NAMED ? ` and ${blocks.length - NAMED} more` : "";
        findings.push({
          message: `a hard permit (CLEAR_ACTION_RIGHT) at ${short(layer.name)} opens what lower sublayers block: ${blocks
            .slice(0, NAMED)
            .map(({ name, filterId }) => `"${name}" (#${filterId})`)
            .join(", ")}${more}`,
          filter: permit.filter,
          related: blocks.slice(0, NAMED),
        });
      }
    } catch (error) {
      if (!(error instanceof BudgetExceeded)) throw error;
      findings.push({ message: `not settled for ${short(layer.name)}: ${error.message}`, filter: null });
    }
  }
  return findings;
}

/** Blocks by callouts or with soft rights that a sublayer below may turn. */
function soft({ filters }: LintContext): readonly Finding[] {
  return filters
    .filter((filter) => isBlock(filter) && (filter.flags & FILTER_FLAG.CLEAR_ACTION_RIGHT) !== 0)
    .map((filter) => ({
      message: `a block with CLEAR_ACTION_RIGHT at ${short(layerName(filter.layerKey))}: documentation contradicts itself on whether it is hard; a plain block is`,
      filter,
    }));
}

/** A block after the handshake: the peer has seen that the port is open. */
function late({ filters }: LintContext): readonly Finding[] {
  return filters
    .filter((filter) => isBlock(filter) && layerName(filter.layerKey).includes("ALE_FLOW_ESTABLISHED"))
    .map((filter) => ({
      message: `blocks at ${short(layerName(filter.layerKey))}: the connection is reset after its handshake; ALE_AUTH_CONNECT and ALE_AUTH_RECV_ACCEPT block before`,
      filter,
    }));
}

export const OVERRIDE_CHECKS: readonly LintCheck[] = [
  { id: "WFP010", name: "HardPermit", severity: "warning", title: "A hard permit that opens what others block", run: overridden },
  { id: "WFP011", name: "AmbiguousRights", severity: "note", title: "A block whose rights documentation does not settle", run: soft },
  { id: "WFP012", name: "BlocksAfterHandshake", severity: "warning", title: "A terminating filter at FLOW_ESTABLISHED", run: late },
];
