import { type Dimension, FALSE, type Node, type PacketSpace } from "../../analysis/index.ts";
import type { FilterEngine } from "../../engine/index.ts";
import {
  type AnswerField,
  appIdPath,
  type Filter,
  type FlowFlip,
  type FlowSpec,
  type FlowTrace,
  type HoldsFor,
  type IpAddress,
  type NumberRange,
  type PolicyFlip,
  sameAddress,
  UNKNOWN,
} from "../../model/index.ts";
import { flowVisits, type TraceFlowOptions, traceFlow } from "../../stack/index.ts";
import { ruleOf } from "../suite/run-flow-test.ts";
import { addressNumber } from "../suite/value-classes.ts";
import { classesText } from "./class-text.ts";
import { flowCases, isLoopbackCase } from "./flow-cases.ts";
import { type FlowQuestion, flowQuestions } from "./flow-question.ts";
import { dosPath } from "./ordinary-witness.ts";

/** Fields that a flow's class is told by, in the order in which it is widened. */
const WIDENED = [
  "IP_REMOTE_PORT",
  "IP_LOCAL_PORT",
  "IP_REMOTE_ADDRESS",
  "IP_LOCAL_ADDRESS",
  "ALE_APP_ID",
  // Shows the program too: what holds for others by the one field need not by this one.
  "ALE_ORIGINAL_APP_ID",
] as const;

/** Other values of one field that are tried, and filters that are taken away. */
const TRIED = 12;

/** The question around one flow: everything that a filter looks at is open, and `box` is the flow's own place in it. */
interface Around {
  readonly question: FlowQuestion;
  readonly same: Node;
  readonly other: Node;
  /** Classes by dimension; all of them for what the flow leaves open. */
  readonly box: Map<Dimension, readonly number[]>;
}

function around(engine: FilterEngine, trace: FlowTrace, options: TraceFlowOptions & { readonly maxNodes?: number }): Around | null {
  const { flow } = trace;
  const { protocol } = flow;
  const one = (value: bigint): readonly NumberRange[] => [{ low: value, high: value }];
  const family = flow.family ?? flow.remoteAddress?.family ?? flow.localAddress?.family ?? (protocol === 58 ? 6 : 4);
  // The program is asked about for all values, like the ports and addresses.
  const { localAddress, remoteAddress, app: _, ...told } = flow;
  const cases = [
    ...flowCases({
      text: "",
      position: {},
      direction: flow.direction,
      protocol,
      family,
      ...(localAddress === undefined ? {} : { localAddress: one(addressNumber(localAddress)) }),
      ...(remoteAddress === undefined ? {} : { remoteAddress: one(addressNumber(remoteAddress)) }),
      ...(flow.profile === undefined ? {} : { profile: [flow.profile] }),
      told,
      any: new Set(),
    }),
  ];
  const [own] = cases;
  // A flow that leaves its network's category open is several cases: nothing then holds for all of one class.
  if (own === undefined || cases.length > 1) return null;
  // The same kind of addresses, all of them; but what a host says to its own address is so by this one only.
  const isOwn = localAddress !== undefined && remoteAddress !== undefined && sameAddress(localAddress, remoteAddress);
  const wide =
    isOwn && !isLoopbackCase(own)
      ? own
      : [...flowCases({ ...own.pattern, localAddress: everything(family), remoteAddress: everything(family) })].find(
          (candidate) => contains(candidate.localAddress, own.localAddress) && contains(candidate.remoteAddress, own.remoteAddress),
        );
  if (wide === undefined) return null;
  // What the stack derives from the flow is derived from the flow itself.
  const [question] = flowQuestions([engine], { ...wide, flow: { ...wide.flow, ...flow } }, { ...options, open: WIDENED });
  if (question === undefined) return null;
  const sets = question.sets();
  const same = trace.verdict === "permit" ? sets.permit : trace.verdict === "block" ? sets.block : sets.open;
  const { space } = question;
  return { question, same, other: space.bdd.difference(question.within, same), box: boxOf(engine, flow, question, options) };
}

function everything(family: 4 | 6): readonly NumberRange[] {
  return [{ low: 0n, high: (1n << (family === 4 ? 32n : 128n)) - 1n }];
}

function contains(outer: readonly NumberRange[], inner: readonly NumberRange[]): boolean {
  return inner.every(({ low, high }) => outer.some((range) => range.low <= low && high <= range.high));
}

/** Where a flow stands on each dimension. */
function boxOf(
  engine: FilterEngine,
  flow: FlowSpec,
  { space, within }: FlowQuestion,
  options: TraceFlowOptions,
): Map<Dimension, readonly number[]> {
  const box = new Map<Dimension, readonly number[]>();
  const visits = flowVisits(engine, flow, options).filter(({ event }) => event !== "bind");
  for (const { fieldKey } of space.fields) {
    const dimension = space.dimensionOf(fieldKey);
    if (dimension?.kind !== "classes" || !isWidened(dimension)) continue;
    const values = visits.flatMap(({ layer, values: shown }) => {
      const index = layer.fields.find(({ key }) => key === fieldKey)?.index ?? -1;
      const value = shown[index] ?? UNKNOWN;
      return value === UNKNOWN ? [] : [dimension.classes.classOf(value)];
    });
    // Classes that the question can be about at all.
    const all = Array.from({ length: dimension.classes.size }, (_, index) => index).filter((index) =>
      space.bdd.intersects(within, space.classesSet(dimension, [index])),
    );
    const known = [...new Set(values)].filter((index) => index >= 0);
    box.set(dimension, known.length === 1 ? known : all);
  }
  return box;
}

/** The largest class around a flow that provably has its verdict, widened field by field; null where the flow itself is not in one class. */
export function holdsFor(
  engine: FilterEngine,
  trace: FlowTrace,
  options: TraceFlowOptions & { readonly maxNodes?: number },
): HoldsFor | null {
  const found = around(engine, trace, options);
  if (found === null || trace.verdict === "indeterminate") return null;
  const { question, other, box } = found;
  const { space } = question;
  const { bdd } = space;
  const setOf = (classes: ReadonlyMap<Dimension, readonly number[]>) => {
    let set = question.within;
    for (const [dimension, list] of classes) set = bdd.and(set, space.classesSet(dimension, list));
    return set;
  };
  if (bdd.intersects(setOf(box), other)) return null;
  for (const dimension of inOrder([...box.keys()])) {
    if (dimension.kind !== "classes") continue;
    const rest = new Map(box);
    rest.delete(dimension);
    const others = setOf(rest);
    const allowed = Array.from({ length: dimension.classes.size }, (_, index) => index).filter((index) => {
      const own = bdd.and(others, space.classesSet(dimension, [index]));
      return own !== FALSE && !bdd.intersects(own, other);
    });
    box.set(dimension, allowed);
  }
  const { volumes } = question;
  const fields: AnswerField[] = inOrder([...box.keys()]).flatMap((dimension) => {
    const classes = box.get(dimension) ?? [];
    const all = dimension.kind === "classes" && classes.length === dimension.classes.size;
    return all || isOnlyChoice(space, question.within, dimension, classes)
      ? []
      : [{ name: dimension.name, text: classesText(dimension, classes, { volumes }) }];
  });
  return { fields, nodes: bdd.peak };
}

/** Whether the question leaves a dimension no other classes. */
function isOnlyChoice(space: PacketSpace, within: Node, dimension: Dimension, classes: readonly number[]): boolean {
  return space.bdd.difference(within, space.classesSet(dimension, classes)) === FALSE;
}

function isWidened({ name }: Dimension): boolean {
  return WIDENED.some((known) => known === name);
}

function inOrder(dimensions: readonly Dimension[]): Dimension[] {
  const rank = ({ name }: Dimension) => {
    return (WIDENED as readonly string[]).indexOf(name);
  };
  return dimensions.toSorted((a, b) => rank(a) - rank(b));
}

/** The smallest changes of a flow that change its verdict: one field to another value, each shown by a flow that `trace` confirms. */
export function flipFlow(
  engine: FilterEngine,
  trace: FlowTrace,
  options: TraceFlowOptions & { readonly maxNodes?: number },
): readonly FlowFlip[] {
  const found = around(engine, trace, options);
  if (found === null) return [];
  const { question, other, box } = found;
  const { space, volumes } = question;
  const { bdd } = space;
  const flips: FlowFlip[] = [];
  for (const dimension of inOrder([...box.keys()])) {
    if (dimension.kind !== "classes") continue;
    let rest = question.within;
    for (const [own, classes] of box) if (own !== dimension) rest = bdd.and(rest, space.classesSet(own, classes));
    const mine = new Set(box.get(dimension));
    const turning = dimension.classes.ordinary.filter(
      (index) => !mine.has(index) && bdd.intersects(bdd.and(rest, space.classesSet(dimension, [index])), other),
    );
    for (const index of turning.slice(0, TRIED)) {
      const change = changedBy(dimension, index, volumes);
      if (change === undefined) continue;
      const turned = traceFlow(engine, { ...trace.flow, ...change }, options);
      if (turned.verdict === trace.verdict) continue;
      flips.push({
        field: dimension.name,
        text: classesText(dimension, turning, { volumes }),
        trace: turned,
        decidedBy: ruleOf(turned) ?? null,
      });
      break;
    }
  }
  return flips;
}

/** A field's class as a part of a flow; undefined for what no flow says. */
function changedBy(dimension: Dimension, index: number, volumes: Readonly<Record<string, string>>): Partial<FlowSpec> | undefined {
  if (dimension.kind !== "classes") return undefined;
  const value = dimension.classes.representative(index);
  const isLocal = dimension.name.startsWith("IP_LOCAL");
  if (value.type === "FWP_UINT16") return isLocal ? { localPort: value.value } : { remotePort: value.value };
  if (value.type === "FWP_BYTE_BLOB_TYPE") return { app: dosPath(appIdPath(value.value), volumes) };
  const address: IpAddress | undefined =
    value.type === "FWP_UINT32"
      ? { family: 4, value: value.value }
      : value.type === "FWP_BYTE_ARRAY16_TYPE"
        ? { family: 6, bytes: value.value }
        : undefined;
  if (address === undefined) return undefined;
  return isLocal ? { localAddress: address } : { remoteAddress: address };
}

/** Single filters without which the verdict is another one: each taken away by itself, and the flow traced again. */
export function flipPolicy(trace: FlowTrace, without: (filter: Filter) => FilterEngine, options: TraceFlowOptions): readonly PolicyFlip[] {
  const concerned = new Set<Filter>();
  for (const { decision, filters } of trace.steps) {
    if (decision === null) continue;
    if (decision.filter !== null) concerned.add(decision.filter);
    for (const { filter } of decision.alternatives) if (filter !== null) concerned.add(filter);
    for (const { filter, truth } of filters) if (truth !== "false") concerned.add(filter);
  }
  return [...concerned].slice(0, TRIED * 4).flatMap((filter): PolicyFlip[] => {
    const turned = traceFlow(without(filter), trace.flow, options);
    return turned.verdict === trace.verdict ? [] : [{ filter, trace: turned, decidedBy: ruleOf(turned) ?? null }];
  });
}
