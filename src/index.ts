/** wfplab: an executable model of the Windows Filtering Platform. The rooms are also importable one by one (`wfplab/engine`, …). */
export * from "./engine/index.ts";
export { type DefaultPolicyKind, defaultPolicy } from "./firewall/index.ts";
export * from "./model/index.ts";
export { decodeText, openScenario, readNetsh, writeNetsh } from "./sources/index.ts";
export { type PlayOptions, playScenario, runScenario, SCENARIOS, type ScenarioOptions, traceFlow } from "./stack/index.ts";
