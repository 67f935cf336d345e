import { conditionFault, type LayerProgram, type ProgramFilter, type ProgramGroup } from "../../engine/index.ts";
import { type Condition, FIELD_KEY, type Filter, fieldName, layerName, PROTOCOL_NAMES } from "../../model/index.ts";
import type { Node } from "../bdd/bdd.ts";
import { BudgetExceeded } from "../bdd/budget-exceeded.ts";
import { isWindowsOwn, ruleOfFilter } from "../findings/filter-makers.ts";
import { PacketSpace } from "../space/packet-space.ts";
import type { Finding, LintCheck, LintContext } from "./check.ts";

function illegal({ policy, filters }: LintContext): readonly Finding[] {
  const layers = new Map(policy.layers.map((layer) => [layer.key, layer]));
  return filters.flatMap((filter) => {
    const layer = layers.get(filter.layerKey);
    if (layer === undefined) return [];
    return filter.conditions.flatMap((condition): Finding[] => {
      const field = layer.fields.find(({ key }) => key === condition.fieldKey);
      if (field === undefined) {
        return [{ message: `a condition on ${fieldName(condition.fieldKey)}, which ${short(layer.name)} does not have`, filter }];
      }
      const fault = conditionFault(condition, field);
      return fault === undefined ? [] : [{ message: `a condition that Windows refuses (${fault.code}): ${fault.detail}`, filter }];
    });
  });
}

/** A condition that has no effect, as the same one is there already. */
function repeated({ filters }: LintContext): readonly Finding[] {
  return filters.flatMap((filter) => {
    const seen = new Set<string>();
    return filter.conditions.flatMap((condition): Finding[] => {
      const text = JSON.stringify([condition.fieldKey, condition.matchType, condition.value], (_, part) =>
        typeof part === "bigint" ? `${part}n` : part instanceof Uint8Array ? [...part].join(",") : part,
      );
      if (seen.has(text)) return [{ message: `the same condition on ${fieldName(condition.fieldKey)} twice`, filter }];
      seen.add(text);
      return [];
    });
  });
}

const CONNECTIONS = /ALE_AUTH_(CONNECT|RECV_ACCEPT)_V[46]$/;
const AUTHORIZATION = /ALE_AUTH_(CONNECT|RECV_ACCEPT|LISTEN)_V[46]$|ALE_RESOURCE_ASSIGNMENT_V[46]$/;

/** Filters whose every condition, if they have any, holds for all values. To block everything is what many end with; to permit it is not. */
function everything(context: LintContext): readonly Finding[] {
  return inLayers(context, (space, program) =>
    program.subLayers
      .flatMap(({ filters }) => filters)
      .flatMap((own): Finding[] => {
        const { filter } = own;
        const wanted = ruleOfFilter(filter) === null ? AUTHORIZATION : CONNECTIONS;
        if (!wanted.test(program.layer.name) || !decides(filter) || isWindowsOwn(filter)) return [];
        if (!own.groups.every((group) => holdsAlways(space, program, group))) return [];
        const why = own.groups.length === 0 ? "it has no conditions" : "its conditions hold for all values";
        const isBlock = filter.action.type === "FWP_ACTION_BLOCK";
        return [
          {
            message: `${isBlock ? "blocks" : "permits"} everything at ${short(program.layer.name)}: ${why}`,
            filter,
            ...(isBlock ? { severity: "note" as const } : {}),
          },
        ];
      }),
  );
}

/** Conditions without which a filter would match the same: all values have what they ask for, or another one on the field asks for less. */
function useless(context: LintContext): readonly Finding[] {
  return inLayers(context, (space, program) =>
    program.subLayers
      .flatMap(({ filters }) => filters)
      .flatMap((own) => own.groups.flatMap((group) => uselessIn(space, program, own, group))),
  );
}

function uselessIn(space: PacketSpace, program: LayerProgram, { filter }: ProgramFilter, group: ProgramGroup): Finding[] {
  const { fieldKey, tests } = group;
  if (space.dimensionOf(fieldKey, program.layer)?.kind !== "classes") return [];
  const field = fieldName(fieldKey);
  if (holdsAlways(space, program, group)) {
    return [{ message: `the condition on ${field} holds for all values: without it the filter would match the same`, filter }];
  }
  // Conditions on one field mean "or": the narrower one adds nothing.
  const sets = tests.map((test) => ({ test, set: space.condition(program.layer, fieldKey, [test]) }));
  return sets.flatMap(({ test, set }, index): Finding[] => {
    const isCovered = sets.some(
      (other, at) => other.test.identity !== test.identity && (other.set !== set || at < index) && space.bdd.implies(set, other.set),
    );
    return isCovered ? [{ message: `a condition on ${field} that another one on it includes`, filter }] : [];
  });
}

/** Whether some condition of a group holds for each value that the field can have; the empty field aside. */
function holdsAlways(space: PacketSpace, { layer }: LayerProgram, { fieldKey, tests }: ProgramGroup): boolean {
  const dimension = space.dimensionOf(fieldKey, layer);
  if (dimension?.kind !== "classes") return false;
  const values = Array.from({ length: dimension.classes.size }, (_, index) => index).filter(
    (index) => dimension.classes.representative(index).type !== "FWP_EMPTY",
  );
  const all: Node = space.classesSet(dimension, values);
  return space.bdd.implies(space.bdd.and(all, space.possible), space.condition(layer, fieldKey, tests));
}

/** What a check says of each layer; a layer that the budget does not suffice for is told of by the check for that. */
function inLayers({ engine, policy, maxNodes }: LintContext, run: (space: PacketSpace, program: LayerProgram) => Finding[]): Finding[] {
  return policy.layers.flatMap((layer) => {
    if (!engine.isFiltered(layer.key)) return [];
    const program = engine.program(layer);
    try {
      return run(new PacketSpace([program], maxNodes === undefined ? {} : { maxNodes }), program);
    } catch (error) {
      if (!(error instanceof BudgetExceeded)) throw error;
      return [{ message: `not settled for ${short(layer.name)}: ${error.message}`, filter: null }];
    }
  });
}

const PORTS: ReadonlySet<string> = new Set([FIELD_KEY.IP_LOCAL_PORT, FIELD_KEY.IP_REMOTE_PORT]);
/** Protocols with ports, and ICMP, which shows its type and code there. */
const WITH_PORTS: ReadonlySet<number> = new Set([1, 6, 17, 33, 58, 132, 136]);

function asksPorts({ conditions }: Filter): boolean {
  return conditions.some(({ fieldKey }) => PORTS.has(fieldKey));
}

/** Ports asked of protocols that have none. */
function portless({ filters }: LintContext): readonly Finding[] {
  return filters.flatMap((filter): Finding[] => {
    const protocols = protocolsOf(filter);
    if (!asksPorts(filter) || protocols === undefined || protocols.length === 0 || protocols.some((number) => WITH_PORTS.has(number)))
      return [];
    const names = protocols.map((number) => PROTOCOL_NAMES.nameOf(number) ?? `protocol ${number}`).join(", ");
    return [{ message: `a condition on a port, and ${names} has no ports: it never holds`, filter }];
  });
}

/** Ports asked of whatever protocol: of ICMP these are type and code. */
function anyProtocol({ filters }: LintContext): readonly Finding[] {
  return filters
    .filter((filter) => asksPorts(filter) && protocolsOf(filter)?.length === 0 && CONNECTIONS.test(layerName(filter.layerKey)))
    .map((filter) => ({
      message:
        "a condition on a port and none on the protocol: it holds for TCP and UDP, and for ICMP, whose type and code stand in place of ports",
      filter,
    }));
}

/** Protocols that a filter names; undefined where it asks in another way than by equality. */
function protocolsOf({ conditions }: Filter): readonly number[] | undefined {
  const own = conditions.filter(({ fieldKey }) => fieldKey === FIELD_KEY.IP_PROTOCOL);
  const numbers = own.flatMap(({ matchType, value }: Condition) =>
    matchType === "FWP_MATCH_EQUAL" && value.type === "FWP_UINT8" ? [value.value] : [],
  );
  return numbers.length === own.length ? numbers : undefined;
}

export function decides({ action }: Filter): boolean {
  return action.type === "FWP_ACTION_PERMIT" || action.type === "FWP_ACTION_BLOCK";
}

export function short(name: string): string {
  return name.replace(/^FWPM_LAYER_/, "");
}

export const CONDITION_CHECKS: readonly LintCheck[] = [
  {
    id: "WFP001",
    name: "IllegalCondition",
    severity: "error",
    title: "A condition that can never hold at its layer",
    advice:
      "Windows refuses such a filter when it is added; in a file that was written by hand or by a tool it shows a mistake. Ask for a field that the layer has, with a match type and a value that fit it.",
    run: illegal,
  },
  {
    id: "WFP002",
    name: "RepeatedCondition",
    severity: "note",
    title: "A condition that is there twice",
    advice: 'Conditions on one field mean "or", so the second one adds nothing. Remove it, or find out which value was meant.',
    run: repeated,
  },
  {
    id: "WFP003",
    name: "MatchesEverything",
    severity: "warning",
    title: "A filter or rule that matches everything",
    advice:
      "A permit that matches everything makes what comes after it in its sublayer void. Narrow it down to a program, a port, an address or a profile. A block that matches everything is what a default looks like, and only noted.",
    run: everything,
  },
  {
    id: "WFP004",
    name: "UselessCondition",
    severity: "note",
    title: "A condition that changes nothing",
    advice: "The condition does nothing, so it may not say what its author meant. Remove it, or correct its value.",
    run: useless,
  },
  {
    id: "WFP005",
    name: "PortlessProtocol",
    severity: "warning",
    title: "Ports asked of a protocol that has none",
    advice: "The filter never matches. Ask for TCP or UDP, or remove the condition on the port.",
    run: portless,
  },
  {
    id: "WFP006",
    name: "PortOfAnyProtocol",
    severity: "note",
    title: "Ports asked of whatever protocol",
    advice: "Add a condition on the protocol, so that the filter means one thing.",
    run: anyProtocol,
  },
];
