import type { Host } from "../host.ts";
import type { AleEndpoint } from "./endpoint.ts";
import { type Authorization, authorize } from "./pend.ts";

/**
 * ALE_AUTH_LISTEN: whether the endpoint may listen (WFP-SHIMS 4.3.2). `done` is called at once, or when a callout completes what it
 * pended (Interpretation.pendedBind).
 */
export function authorizeListen(host: Host, endpoint: AleEndpoint, done: (passes: boolean) => void): void {
  const ask = (): Authorization =>
    authorize(host, "authListen", { direction: "inbound", packet: null, connection: null, endpoint }, "listen");
  const decide = (authorization: Authorization): void => {
    if (authorization.kind === "pended") {
      authorization.whenComplete(() => (host.interpretation.pendedBind === "reclassify" ? decide(ask()) : decide({ kind: "permitted" })));
      return;
    }
    const passes = authorization.kind === "permitted";
    if (passes) endpoint.owesClosure = true;
    done(passes);
  };
  decide(ask());
}
