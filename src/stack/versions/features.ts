import { existsIn, type Layer, type WindowsVersion } from "../../model/index.ts";

export { type Availability, FEATURES, type Feature, hasFeature as has } from "../../model/index.ts";

/** Whether this Windows has the layer; a layer of a policy that it does not have is never indicated. */
export function hasLayer({ since }: Layer, windows: WindowsVersion): boolean {
  return existsIn(since, windows);
}
