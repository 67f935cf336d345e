import { CONDITION_FLAG, type FieldValue, UNKNOWN, type Unknown, uint32 } from "../../../model/index.ts";
import type { IndicationFacts } from "../../facts.ts";
import type { FieldBuilders } from "./endpoint-fields.ts";
import { fieldOf } from "./fact.ts";

/** Which bits of CONDITION_FLAG a layer derives from the facts; UNKNOWN where one of them cannot be told. */
export type DeriveFlags = (facts: IndicationFacts) => number | Unknown;

/** IS_LOOPBACK: source or destination is loopback, or both ends are this machine's (WFP-SHIMS 4.11). */
export const loopbackFlag: DeriveFlags = ({ isLoopback }) =>
  isLoopback === UNKNOWN ? UNKNOWN : isLoopback === true ? CONDITION_FLAG.IS_LOOPBACK : 0;

/**
 * At AUTH_CONNECT and AUTH_RECV_ACCEPT loopback traffic also says whether one end is an AppContainer (WFP-SHIMS 4.2); AppContainers
 * came with Windows 8.
 */
export const aleLoopbackFlags: DeriveFlags = (facts) => {
  const { isLoopback, hasAppContainers, process, peerPackage } = facts;
  if (isLoopback !== true || !hasAppContainers) return loopbackFlag(facts);
  const { packageSid } = process.token;
  const ends = [packageSid, peerPackage];
  const contained = ends.filter((end) => end !== null && end !== UNKNOWN).length;
  if (contained === 2 || (contained === 1 && facts.appContainerLoopback !== "both-ends")) {
    return CONDITION_FLAG.IS_LOOPBACK | CONDITION_FLAG.IS_APPCONTAINER_LOOPBACK;
  }
  if (contained === 1) return ends.includes(UNKNOWN) ? UNKNOWN : CONDITION_FLAG.IS_LOOPBACK;
  return ends.includes(UNKNOWN) ? UNKNOWN : CONDITION_FLAG.IS_LOOPBACK | CONDITION_FLAG.IS_NON_APPCONTAINER_LOOPBACK;
};

/** INBOUND_TRANSPORT says too whether ALE will be asked about the packet (WFP-SHIMS 4.3.3). */
export const inboundTransportFlags: DeriveFlags = (facts) => {
  const flags = loopbackFlag(facts);
  return typeof flags === "number" && facts.aleClassifyRequired ? flags | CONDITION_FLAG.REQUIRES_ALE_CLASSIFY : flags;
};

export const noFlags: DeriveFlags = () => 0;

/** FLAGS: the derived bits, and those of the stack's that are in `shown`. */
export function flagsField(facts: IndicationFacts, derive: DeriveFlags, shown: number): FieldValue {
  if (facts.exactFlags !== undefined) return uint32(facts.exactFlags);
  const derived = derive(facts);
  return typeof derived === "number" ? uint32((derived | (facts.flags & shown)) >>> 0) : UNKNOWN;
}

/** Fields of flags whose bits no layer derives. */
export const FLAG_FIELDS: FieldBuilders = {
  REAUTHORIZE_REASON: (facts) => fieldOf(facts.reauthorizeReason, uint32),
  ALE_SIO_FIREWALL_SYSTEM_PORT: (facts) => fieldOf(facts.socketProperty, uint32),
  ALE_PROMISCUOUS_MODE: (facts) => fieldOf(facts.promiscuousMode, uint32),
};
