import { ACCESS_RIGHT, type SecurityDescriptor, type Sid, serviceSid, type Token, WfpError } from "../model/index.ts";
import { accessCheck } from "./access-check.ts";

const STANDARD_RIGHT = { DELETE: 0x10000, WRITE_DAC: 0x40000 } as const;
const { ADD, ADD_LINK, BEGIN_READ_TXN, BEGIN_WRITE_TXN, CLASSIFY, ENUM, OPEN, READ, READ_STATS, SUBSCRIBE, WRITE } = ACCESS_RIGHT;
const ALL_RIGHTS = 0x1f0fff;
const GENERIC_READ = BEGIN_READ_TXN | ENUM | READ | READ_STATS;
const GENERIC_WRITE = ADD | ADD_LINK | BEGIN_WRITE_TXN | WRITE | STANDARD_RIGHT.DELETE;
const GENERIC_EXECUTE = CLASSIFY | OPEN | SUBSCRIBE;

export type EngineRight = Exclude<keyof typeof ACCESS_RIGHT, "FWP_ACTRL_MATCH_FILTER">;

const allow = (sid: Sid, mask: number) => ({ kind: "allow", flags: [], mask, sid }) as const;

const ADMINISTRATORS: Sid = "S-1-5-32-544";
const NETWORK_CONFIGURATION_OPERATORS: Sid = "S-1-5-32-556";
const EVERYONE: Sid = "S-1-1-0";
const SERVICES = ["MpsSvc", "NapAgent", "PolicyAgent", "RpcSs", "WdiServiceHost"];

/** The default DACL of the engine and its containers (D:access-control), generic rights written out. */
const DEFAULT_SECURITY: SecurityDescriptor = {
  dacl: [
    allow(ADMINISTRATORS, ALL_RIGHTS),
    ...[NETWORK_CONFIGURATION_OPERATORS, ...SERVICES.map(serviceSid)].map((sid) =>
      allow(sid, GENERIC_READ | GENERIC_WRITE | GENERIC_EXECUTE),
    ),
    allow(EVERYONE, OPEN | CLASSIFY),
  ],
  sddl: "",
};

const ADMINISTRATOR: Token = { user: "S-1-5-18", groups: [ADMINISTRATORS], packageSid: null, capabilities: [], attributes: {} };

/** The rights of one caller (WFP-SEMANTICS 1.9). Without a token it is an administrator; kernel callers pass every check. */
export class Caller {
  /** null for a kernel caller. */
  readonly #token: Token | null;

  constructor(token: Token | undefined, kernelMode: boolean) {
    this.#token = kernelMode ? null : (token ?? ADMINISTRATOR);
  }

  /** @throws WfpError ERROR_ACCESS_DENIED where the default security of the engine and its containers does not grant `right`. */
  require(right: EngineRight): void {
    this.requireOn(null, right);
  }

  /**
   * Checks an object's own security, or its container's default for null. It holds for administrators too: denying DELETE protects an
   * object (D:hindering-filter-deletion).
   * @throws WfpError ERROR_ACCESS_DENIED
   */
  requireOn(security: SecurityDescriptor | null, right: EngineRight | keyof typeof STANDARD_RIGHT): void {
    if (!this.has(security, right)) throw new WfpError("ERROR_ACCESS_DENIED", `the caller lacks ${right}`);
  }

  has(security: SecurityDescriptor | null, right: EngineRight | keyof typeof STANDARD_RIGHT): boolean {
    if (this.#token === null) return true;
    const mask = right === "DELETE" || right === "WRITE_DAC" ? STANDARD_RIGHT[right] : ACCESS_RIGHT[right];
    if (accessCheck(this.#token, security ?? DEFAULT_SECURITY, mask) === "true") return true;
    // Whoever took every right away from an object must be able to give them back: administrators own what they add.
    return right === "WRITE_DAC" && accessCheck(this.#token, DEFAULT_SECURITY, mask) === "true";
  }
}
