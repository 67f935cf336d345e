import type { AppliedChange } from "../model/index.ts";
import type { LoadedPolicy } from "./load-policy.ts";
import { changesOf, isWhatIf, type WhatIfFlags, type WhatIfProfileFlag } from "./what-if-flags.ts";

export interface WhatIfPolicy {
  readonly loaded: LoadedPolicy;
  readonly applied: readonly AppliedChange[];
}

/**
 * The policy with what the flags ask for, or undefined where they ask for nothing. The firewall's compiler is loaded only then.
 * @param source what was given as the policy, so that the rules of one that ships are known
 * @throws InputError for a rule that cannot be read, or a name that nothing has.
 */
export async function whatIfPolicy(
  loaded: LoadedPolicy,
  source: string | undefined,
  kind: "desktop" | "server",
  flags: WhatIfFlags & WhatIfProfileFlag & { readonly windows?: Parameters<typeof import("./what-if.ts").shippedConfig>[2] },
): Promise<WhatIfPolicy | undefined> {
  if (!isWhatIf(flags)) return undefined;
  const { changePolicy, configOf } = await import("./what-if.ts");
  const config = configOf(loaded, source, kind, flags.windows);
  const { policy, applied } = changePolicy({ policy: loaded.policy, config }, changesOf(flags), flags.profile);
  return { loaded: { ...loaded, policy }, applied };
}
