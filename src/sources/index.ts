/** Readers of what people have. */
export { decodeText } from "./decode-text.ts";
export { readHosts } from "./hosts/read-hosts.ts";
export { type NetshOptions, readNetsh, readNetshAsync } from "./netsh/read-netsh.ts";
export { writeNetsh } from "./netsh/write-netsh.ts";
export { openSuite, suiteJsonSchema } from "./suite/open-suite.ts";
export type { ReadSuiteOptions } from "./suite/read-suite.ts";
