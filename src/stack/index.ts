/** A Windows host as far as filtering sees it, the network between hosts, and the scenarios. */

export type { AleEndpoint, TransportAddress } from "./ale/endpoint.ts";
export type { AleFlow } from "./ale/flow.ts";
export { Clock, type Timer } from "./clock.ts";
export type { Fact, IndicationFacts, InterfaceFacts, ProcessFacts } from "./facts.ts";
export { DEFAULT_DIAGNOSTICS, type DiagnosticsOptions, Host, type HostOptions } from "./host.ts";
export { type EchoOptions, type EchoResult, sendEcho } from "./icmp/echo.ts";
export { ethernet, IF_TYPE, type InterfaceAddress, loopbackInterface, type NetworkInterface, type QuarantineEpoch } from "./interface.ts";
export { type FlowJudgment, type JudgedStep, judgeFlow, judgePacket, judgeReauthorization } from "./judge-flow.ts";
export { type Fate, Network, type NetworkNode, type NetworkOptions, type Transit } from "./network/network.ts";
export { Operation } from "./operation.ts";
export type { IpPacket } from "./packet.ts";
export { desktopProcess, type Process } from "./process.ts";
export { RawSocket, type RawSocketOptions } from "./raw/raw-socket.ts";
export { runScenario, SCENARIOS } from "./scenarios/run-scenario.ts";
export type { Scenario, ScenarioOptions } from "./scenarios/scenario.ts";
export type { Shim } from "./shims/shim.ts";
export { SHIMS, type ShimName } from "./shims/shims.ts";
export { Simulation } from "./simulation.ts";
export { type AcceptResult, type ReceiveResult, Socket } from "./socket.ts";
export type { TcpFlags, TcpSegment } from "./tcp/segment.ts";
export { defaultTcpSettings, type TcpSettings } from "./tcp/settings.ts";
export { flowFacts } from "./trace/flow-facts.ts";
export { type TraceFlowOptions, traceFlow } from "./trace-flow.ts";
export { type ReceiveFromResult, UdpSocket } from "./udp/udp-socket.ts";
export { type SocketResult, WINSOCK_ERROR, type WinsockErrorName } from "./winsock-error.ts";
