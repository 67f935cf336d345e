import type { Sid, Token } from "../model/index.ts";

/** A program that owns sockets. */
export interface Process {
  readonly processId: number;
  /** DOS or NT path, or "System". */
  readonly path: string;
  readonly token: Token;
}

/** Groups of an ordinary interactive user. */
const USER_GROUPS: readonly Sid[] = ["S-1-1-0", "S-1-5-11", "S-1-5-32-545", "S-1-5-4"];

/** A local account as the scenarios' programs run under. */
const USER: Sid = "S-1-5-21-1000000001-1000000002-1000000003-1001";

/** A desktop program of an ordinary user, outside any AppContainer; `token` changes what is given. */
export function desktopProcess(path: string, processId: number, token: Partial<Token> = {}): Process {
  return {
    processId,
    path,
    token: { user: USER, groups: USER_GROUPS, packageSid: null, capabilities: [], attributes: {}, ...token },
  };
}

/** The kernel's endpoints: LocalSystem, process 4. */
const SYSTEM: Token = {
  user: "S-1-5-18",
  groups: ["S-1-1-0", "S-1-5-11", "S-1-5-32-544"],
  packageSid: null,
  capabilities: [],
  attributes: {},
};

/** The process that `path` names in a scenario: "System" is the kernel, everything else a desktop program. */
export function processAt(path: string, processId: number): Process {
  return path.toLowerCase() === "system" ? { processId: 4, path, token: SYSTEM } : desktopProcess(path, processId);
}
