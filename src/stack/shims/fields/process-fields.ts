import {
  appIdBlob,
  byteBlob,
  EMPTY,
  type FieldValue,
  NULL_SID,
  sidValue,
  toAppId,
  tokenAccessInformation,
  UNKNOWN,
} from "../../../model/index.ts";
import type { Fact, IndicationFacts } from "../../facts.ts";
import type { FieldBuilders } from "./endpoint-fields.ts";
import { fieldOf } from "./fact.ts";

/** Lower-case NT device path as UTF-16LE with the terminating NUL; "System" for what the kernel owns (WFP-SEMANTICS 2.1). */
const appId = (path: Fact<string>, { volumes }: IndicationFacts): FieldValue =>
  fieldOf(path, (known) => byteBlob(appIdBlob(toAppId(known, volumes))));

const empty = () => EMPTY;

/** Program, user and package: only ALE layers have these (WFP-SHIMS 4.1). */
export const PROCESS_FIELDS: FieldBuilders = {
  ALE_APP_ID: (facts) => appId(facts.process.path, facts),
  ALE_ORIGINAL_APP_ID: (facts) => appId(facts.process.originalPath, facts),
  ALE_USER_ID: ({ process }) => tokenAccessInformation(process.token),
  ALE_PACKAGE_FAMILY_NAME: ({ process }) => tokenAccessInformation(process.token),
  // S-1-0-0 for a process outside any AppContainer (WFP-SEMANTICS 2.1).
  ALE_PACKAGE_ID: ({ process: { token } }) => (token.packageSid === UNKNOWN ? UNKNOWN : sidValue(token.packageSid ?? NULL_SID)),
  // No IPsec identity is modelled (WFP-SHIMS 4.12).
  ALE_REMOTE_USER_ID: empty,
  ALE_REMOTE_MACHINE_ID: empty,
  ALE_SECURITY_ATTRIBUTE_FQBN_VALUE: empty,
  ALE_EFFECTIVE_NAME: empty,
  ALE_NAP_CONTEXT: empty,
  IPSEC_SECURITY_REALM_ID: empty,
  PEER_NAME: empty,
  RESERVED0: empty,
  RESERVED1: empty,
  RESERVED2: empty,
  RESERVED3: empty,
};
