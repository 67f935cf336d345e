import { DEFAULT_INTERPRETATION, didYouMean, InputError, type Interpretation } from "../model/index.ts";

/** Every option with the values it takes, the default first. */
export const INTERPRETATION_VALUES: { readonly [K in keyof Interpretation]: readonly [Interpretation[K], ...Interpretation[K][]] } = {
  equalWeights: ["newest-first", "oldest-first"],
  failedReauthorization: ["WSAECONNABORTED", "WSAECONNRESET"],
  emptyMatchesNegation: [false, true],
  transportBeforeDiscard: [false, true],
  closedUdpPort: ["network-discard", "both-discards"],
  sameFieldConditions: ["any-position", "adjacent-only"],
  undecidedTerminatingCallout: ["continue", "block"],
  initialReauthorizeReason: ["zero", "empty"],
  wildcardBind: ["port", "address"],
  blockedDatagram: ["ok", "WSAEACCES"],
  dualStack: ["mixed", "v6-only"],
  pendedBind: ["reclassify", "continue"],
  sharedFlow: ["every-packet", "first-packet"],
  appContainerLoopback: ["any-end", "both-ends"],
  manyConditions: ["full", "by-width"],
  subLayerCollision: ["next-lower", "next-higher"],
  fastLayerActions: ["inspection-only", "any"],
  blockedPacket: ["ok", "WSAEACCES"],
  forwardedTraffic: ["forward-only", "with-ippacket"],
  netEventDirection: ["packet", "connection"],
  dropEvents: ["per-block", "per-layer"],
  connectionSource: ["initiator", "local"],
  permittedFilter: ["winning", "documented"],
  authenticatedRules: ["flag-and-identity", "identity"],
  indeterminate: ["permit", "block"],
};

/**
 * Reads `NAME=VALUE` settings of {@link Interpretation}.
 * @throws InputError that names what was expected.
 */
export function parseInterpretation(settings: readonly string[]): Partial<Interpretation> {
  const names = Object.keys(DEFAULT_INTERPRETATION);
  const chosen = settings.map((setting) => {
    const [name = "", value] = setting.split("=", 2);
    if (!isName(name))
      throw new InputError(`--interpretation: expected one of ${names.join(", ")}, found "${name}"${didYouMean(name, names)}`);
    const values: readonly (string | boolean)[] = INTERPRETATION_VALUES[name];
    const found = values.find((candidate) => String(candidate) === value);
    if (found === undefined) throw new InputError(`--interpretation: expected ${name}=${values.join(` or ${name}=`)}, found "${setting}"`);
    return [name, found] as const;
  });
  return Object.fromEntries(chosen);
}

function isName(name: string): name is keyof Interpretation {
  return Object.hasOwn(DEFAULT_INTERPRETATION, name);
}
