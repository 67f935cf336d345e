import { formatField } from "../model/index.ts";

/** The key of the flow notation that tells a field; the end of the field's name decides. */
const hints: readonly (readonly [RegExp, string])[] = [
  [/^ALE_(ORIGINAL_)?APP_ID$/, "app="],
  [/^ALE_USER_ID$/, "user=, groups=, service="],
  [/^ALE_PACKAGE_ID$/, "package="],
  [/^ALE_PACKAGE_FAMILY_NAME$/, "package="],
  [/^ORIGINAL_PROFILE_ID$/, "original-profile="],
  [/PROFILE_ID$/, "profile="],
  [/INTERFACE_TYPE$/, "iftype="],
  [/TUNNEL_TYPE$/, "tunnel="],
  [/^FLAGS$/, "flags="],
  [/LOCAL_ADDRESS_TYPE$/, "local-type="],
  [/^(ORIGINAL_)?ICMP_TYPE$/, "icmp="],
  [/^IP_(LOCAL|REMOTE|SOURCE|DESTINATION)_(ADDRESS|PORT)$/, "the endpoints of the flow"],
  [/INTERFACE(_INDEX)?$/, "if="],
];

/** `profile (profile=)`: a field as people say it and what to add to the flow to tell it. */
export function fieldWithHint(field: string): string {
  const hint = hints.find(([pattern]) => pattern.test(field))?.[1] ?? `FWPM_CONDITION_${field}=`;
  return `${formatField(field)} (${field.startsWith("{") ? `${field}=` : hint})`;
}
