/** Captures → one host's indications; recorded verdicts ↔ recomputed verdicts. */

export { describedByEvents } from "./described-by-events.ts";
export { type DescribedEndpoint, describedByDump, EndpointFacts, type OwnerFacts } from "./endpoint-facts.ts";
export { LocalGuess } from "./flow/guess-local.ts";
export { LocalAddresses } from "./flow/local-addresses.ts";
export { type PolicyEpoch, Replay, type ReplayOptions } from "./replay.ts";
export { CaptureMatcher, type CaptureMatcherOptions } from "./verify/capture/match-capture.ts";
export { type VerifyOptions, verifyEvents } from "./verify/verify.ts";
