import { ACCESS_RIGHT, type SecurityDescriptor, type Sid, type Token, WfpError } from "../model/index.ts";
import { accessCheck } from "./access-check.ts";

/** Standard right DELETE. */
const DELETE = 0x10000;
const ALL_RIGHTS = 0x1f0fff;
const READ = ACCESS_RIGHT.BEGIN_READ_TXN | ACCESS_RIGHT.ENUM | ACCESS_RIGHT.READ | ACCESS_RIGHT.READ_STATS;
const WRITE = ACCESS_RIGHT.ADD | ACCESS_RIGHT.ADD_LINK | ACCESS_RIGHT.BEGIN_WRITE_TXN | ACCESS_RIGHT.WRITE | DELETE;
const EXECUTE = ACCESS_RIGHT.CLASSIFY | ACCESS_RIGHT.OPEN | ACCESS_RIGHT.SUBSCRIBE;

const allow = (sid: Sid, mask: number) => ({ kind: "allow", flags: [], mask, sid }) as const;

/** The default DACL of the engine and its containers (WFP-SEMANTICS 1.9), generic rights written out. */
const DEFAULT_SECURITY: SecurityDescriptor = {
  dacl: [
    allow("S-1-5-32-544", ALL_RIGHTS),
    allow("S-1-5-32-556", READ | WRITE | EXECUTE),
    allow("S-1-1-0", ACCESS_RIGHT.OPEN | ACCESS_RIGHT.CLASSIFY),
  ],
  sddl: "",
};

/** Rights of one caller. Kernel callers and callers without a token (administrators by convention) pass every check. */
export class Caller {
  readonly #token: Token | undefined;

  constructor(token: Token | undefined, kernelMode: boolean) {
    this.#token = kernelMode ? undefined : token;
  }

  /** @throws WfpError ERROR_ACCESS_DENIED where the default security of containers does not grant `right`. */
  require(right: keyof typeof ACCESS_RIGHT): void {
    if (this.#token !== undefined && !this.#granted(DEFAULT_SECURITY, ACCESS_RIGHT[right])) this.#deny(`FWPM_ACTRL_${right}`);
  }

  /** Whether an object may be seen: enumeration returns only objects with READ. */
  mayRead(security: SecurityDescriptor | null): boolean {
    return this.#token === undefined || this.#granted(security ?? DEFAULT_SECURITY, ACCESS_RIGHT.READ);
  }

  /** An object's own security descriptor holds for administrators too: denying DELETE protects it (D:hindering-filter-deletion). */
  requireDelete(security: SecurityDescriptor | null): void {
    const token = this.#token ?? ADMINISTRATOR;
    if (this.#token === undefined && security === null) return;
    if (accessCheck(token, security ?? DEFAULT_SECURITY, DELETE) !== "true") this.#deny("DELETE");
  }

  #granted(security: SecurityDescriptor, right: number): boolean {
    return this.#token === undefined || accessCheck(this.#token, security, right) === "true";
  }

  #deny(right: string): never {
    throw new WfpError("ERROR_ACCESS_DENIED", `the caller lacks ${right}`);
  }
}

const ADMINISTRATOR: Token = {
  user: "S-1-5-18",
  groups: ["S-1-5-32-544"],
  packageSid: null,
  capabilities: [],
  attributes: {},
};
