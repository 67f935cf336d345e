import { CONDITION_FLAG, type FilterResult, NET_EVENT_KEYWORD, type Profile, toAppId, UNKNOWN } from "../../model/index.ts";
import type { AleEndpoint } from "../ale/endpoint.ts";
import type { Fact, IndicationFacts, InterfaceFacts } from "../facts.ts";
import type { Host } from "../host.ts";
import type { UnstampedIndication } from "../shims/indicate.ts";
import { endsOf, type Situation } from "../situation.ts";
import type { Classified, CrossedInterface, Owner } from "./classified.ts";
import { diagnose } from "./diagnose.ts";

/** Writes what Windows would write about an indication (WFP-DIAGNOSTICS-FIREWALL 5.1, 5.2). */
export function log(
  host: Host,
  situation: Situation,
  indication: UnstampedIndication,
  facts: IndicationFacts,
  filters: readonly FilterResult[],
): void {
  const { interpretation, diagnostics: options, engine } = host;
  const classified = classifiedOf(host, situation, indication, facts, filters);
  for (const event of diagnose(classified, { options, interpretation, policy: engine.policy })) host.record(event);
}

/**
 * Whether the writers have to know every filter of a layer, not just those that decided: for what the firewall's service is told of a
 * listen or a bind, and for the capability that an AppContainer lacks.
 */
export function needsFilters(host: Host, layerName: string, facts: IndicationFacts): boolean {
  const { auditConnections, keywords, netEvents } = host.diagnostics;
  if (/ALE_AUTH_LISTEN|ALE_RESOURCE_ASSIGNMENT/.test(layerName)) return auditConnections;
  const { packageSid } = facts.process.token;
  return netEvents && (keywords & NET_EVENT_KEYWORD.CAPABILITY_DROP) !== 0 && packageSid !== null && packageSid !== UNKNOWN;
}

function classifiedOf(
  host: Host,
  situation: Situation,
  { layer, decision, subLayers, direction, assumed, flow }: UnstampedIndication,
  facts: IndicationFacts,
  filters: readonly FilterResult[],
): Classified {
  const endpoint = layer.name.includes("_ALE_") ? (situation.connection?.endpoint ?? situation.endpoint ?? null) : null;
  const ends = endsOf(situation);
  return {
    host: host.name,
    windows: host.windows,
    layer,
    direction: layer.name.includes("IPFORWARD") ? "forward" : direction,
    flowDirection: facts.flowDirection,
    decision,
    subLayers,
    filters,
    outcome: assumed ?? (decision.verdict === "block" ? "block" : "permit"),
    protocol: flow.protocol,
    ...ends,
    socketFamily: endpoint?.isDualStack === true ? 6 : ends.family,
    localAddressType: known(facts.localAddressType),
    link: facts.link ?? null,
    owner: endpoint === null ? null : ownerOf(host, endpoint),
    interface: interfaceOf(facts),
    flags: facts.flags | (facts.isLoopback === true ? CONDITION_FLAG.IS_LOOPBACK : 0),
    reauthorizeReason: situation.reauthorizeReason ?? 0,
    originalProfile: known(facts.originalProfile) ?? "none",
    currentProfile: known(facts.currentProfile) ?? "none",
    activeProfiles: activeProfiles(host),
  };
}

function ownerOf({ volumes }: Host, { process }: AleEndpoint): Owner {
  const { user, packageSid, capabilities } = process.token;
  const appId = toAppId(process.path, volumes);
  return {
    appId,
    dosPath: dosPath(appId, volumes),
    processId: process.processId,
    userId: user === UNKNOWN ? null : user,
    packageSid: packageSid === UNKNOWN ? null : packageSid,
    capabilities: capabilities === UNKNOWN ? [] : capabilities,
  };
}

/** `C:\program files\…`: the app id with its device's drive letter, as event 5031 has it. */
function dosPath(appId: string, volumes: Host["volumes"]): string {
  const volume = Object.entries(volumes).find(([, device]) => appId.startsWith(`${device.toLowerCase()}\\`));
  return volume === undefined ? appId : volume[0].toUpperCase() + appId.slice(volume[1].length);
}

/** The interface that the packet came in by or leaves by, else the one with the local address. */
function interfaceOf({ arrivalInterface, nexthopInterface, localInterface }: IndicationFacts): CrossedInterface | null {
  const crossed = known(arrivalInterface) ?? known(nexthopInterface) ?? known(localInterface);
  if (crossed === null) return null;
  const { index, type, luid }: InterfaceFacts = crossed;
  return { index: known(index) ?? 0, type: known(type) ?? 0, luid: known(luid) ?? 0n };
}

function activeProfiles({ interfaces }: Host): readonly Profile[] {
  return [...new Set(interfaces.filter(({ up, profile }) => up && profile !== "none").map(({ profile }) => profile))];
}

function known<T>(fact: Fact<T>): T | null {
  return fact === UNKNOWN ? null : fact;
}
